import { openEmbedded } from './embedded.ts';
import { type FolderLock, lockFolder } from './folderLock.ts';

/** What a test may tell a contender process to do, and what it answers. */
export type Order = 'lock' | 'release' | 'open' | 'insert';
export type Report = { done: Order } | { failed: string } | { inserted: number };

const folder = process.argv[2] as string;
let lock: FolderLock | undefined;

const report = (what: Report) => process.send?.(what);

const orders: Record<Order, () => Promise<unknown>> = {
  async lock() {
    lock = await lockFolder(folder);
  },
  async release() {
    await lock?.release();
  },
  async open() {
    await openEmbedded(folder);
  },
  async insert() {
    const engine = await openEmbedded(folder);
    await engine.query({ text: 'create table inserted (number int primary key)', params: [] });
    for (let number = 1; ; number++) {
      await engine.query({ text: 'insert into inserted values ($1)', params: [String(number)] });
      await new Promise((resolve) => process.send?.({ inserted: number }, resolve));
    }
  },
};

process.on('message', (order: Order) => {
  orders[order]().then(
    () => report({ done: order }),
    (error: Error) => report({ failed: error.message }),
  );
});
process.on('disconnect', () => process.exit());
