import type { Location } from './journal.ts';

/** A message that is still needed, and where it lies. */
export interface PartitionEntry {
  offset: number;
  timestamp: number;
  location: Location;
}

/** The messages of one partition that are still needed, in the order of their offsets. */
export interface Partition {
  nextOffset: number;
  /** The first offset that is not consumed. */
  committed: number;
  first(): PartitionEntry | undefined;
  entries(): readonly PartitionEntry[];
  add(entry: PartitionEntry): void;
  /** Forgets all messages below the offset. */
  commit(offset: number): void;
  /** Forgets all messages accepted before the time, in milliseconds since 1970. */
  expire(before: number): void;
}

/** The forgotten front of the list is cut off when it is this long: rare enough to cost nothing per message. */
const FORGOTTEN_FRONT = 1024;

/** Makes an empty partition. */
export function createPartition(): Partition {
  let entries: PartitionEntry[] = [];
  let head = 0;

  function forgetWhile(isForgotten: (entry: PartitionEntry) => boolean): void {
    for (let entry = entries[head]; entry && isForgotten(entry); entry = entries[head]) head += 1;
    if (head === entries.length || head >= Math.max(FORGOTTEN_FRONT, entries.length / 2)) {
      entries = entries.slice(head);
      head = 0;
    }
  }

  const partition: Partition = {
    nextOffset: 0,
    committed: 0,
    first: () => entries[head],
    entries: () => entries.slice(head),
    add(entry) {
      partition.nextOffset = Math.max(partition.nextOffset, entry.offset + 1);
      const last = entries.at(-1);
      if (entry.offset < partition.committed) return;
      if (last === undefined || last.offset < entry.offset) entries.push(entry);
      else insertMoved(entries, entry);
    },
    commit(offset) {
      partition.committed = Math.max(partition.committed, offset);
      partition.nextOffset = Math.max(partition.nextOffset, offset);
      forgetWhile((entry) => entry.offset < partition.committed);
    },
    expire(before) {
      forgetWhile((entry) => entry.timestamp < before);
    },
  };
  return partition;
}

/** On opening, a message that was moved to a newer segment comes after later ones, or a second time. */
function insertMoved(entries: PartitionEntry[], entry: PartitionEntry): void {
  const index = entries.findIndex(({ offset }) => offset >= entry.offset);
  entries.splice(index, entries[index]?.offset === entry.offset ? 1 : 0, entry);
}
