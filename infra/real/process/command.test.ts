import { expect, it } from 'vitest';
import { runCommand } from './command.ts';

const install = 'install it';

it('resolves to what the command wrote to its standard output', async () => {
  const script = 'console.log("out"); console.error("err");';
  expect(await runCommand(process.execPath, ['--eval', script], { install })).toBe('out\n');
});

it('says what to install where the program is missing', async () => {
  await expect(runCommand('no-such-program', [], { install })).rejects.toThrow(
    'no-such-program is missing: install it',
  );
});

it('rejects with the end of what a failed command wrote', async () => {
  const script = 'for (let n = 0; n < 50; n += 1) console.error("line " + n); process.exit(4);';
  const failed = runCommand(process.execPath, ['--eval', script], { install });
  await expect(failed).rejects.toThrow(/: exit code 4\nline 38\n[\s\S]*line 49$/);
});
