/** Picks the partition of a message: by its key, or the next in turn when it has none. */
export function createPartitioner(partitions: number): (key: string | undefined) => number {
  let turn = 0;
  return (key) => (key === undefined ? turn++ : fnv1a(key)) % partitions;
}

/** FNV-1a, 32 bits, with the offset basis and prime of its definition. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
