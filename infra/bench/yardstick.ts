/**
 * Makes a yardstick that needs what not every machine has. Resolves to undefined where it can't be made, and says loudly
 * which one is missing and why: the rest is measured all the same.
 */
export async function orLeftOut<Yardstick>(
  name: string,
  onProgress: (line: string) => void,
  make: () => Promise<Yardstick>,
): Promise<Yardstick | undefined> {
  try {
    return await make();
  } catch (error) {
    onProgress(`LEFT OUT, a yardstick is missing: ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
