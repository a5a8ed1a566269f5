import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { answerOf, callOf, isChange } from './fakeKubectl.ts';

// Kubectl as a program, in tests: the cluster behind it stands in state.json of a folder, its calls in calls.jsonl.
// usage: node fakeKubectlProgram.mjs FOLDER kubectl's own arguments
const [folder = '', ...args] = process.argv.slice(2);
const file = join(folder, 'state.json');
const input = await text(process.stdin);
const state = JSON.parse(readFileSync(file, 'utf8'));
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(callOf(args, input))}\n`);
const { code, stdout, stderr } = answerOf(state, args, input);
// Never by two at once: only what changes the cluster is one after another.
if (isChange(args)) writeFileSync(file, JSON.stringify(state));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
