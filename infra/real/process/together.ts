/** Ends something that was started. */
export type Closer = () => unknown;

/**
 * Starts what has several parts: all of them, or none. `start` notes how each is ended, once it is up. They are ended in
 * the opposite order, since what uses another part ends before it does: by `close`, or when `start` rejects.
 */
export async function startTogether<T extends object>(
  start: (closers: Closer[]) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const closers: Closer[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await start(closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
