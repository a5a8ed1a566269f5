/**
 * A function for the gateway's tests: a bare HTTP server that tells what it was asked, and misbehaves on demand.
 * At start by environment: DATABASE_URL_REQUIRED, START_DELAY_MS, NEVER_HEALTHY, IGNORE_SIGTERM, START_LOG, GRANDCHILD.
 * Per request by query: wait (ms), status, kill (before | during the answer), deaf (stops listening).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { env } = process;
const noteStart = (pid) => env.START_LOG && appendFileSync(env.START_LOG, `${pid}\n`);
noteStart(process.pid);
if (env.DATABASE_URL_REQUIRED && !env.DATABASE_URL) {
  process.stderr.write('DATABASE_URL is missing\n');
  process.exit(1);
}
if (env.GRANDCHILD) noteStart(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' }).pid);

let inFlight = 0;
const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://function');
  if (url.pathname === '/healthz') return response.writeHead(env.NEVER_HEALTHY ? 500 : 200).end();
  const query = Object.fromEntries(url.searchParams);

  inFlight += 1;
  const seenInFlight = inFlight;
  process.stdout.write(`serving ${url.pathname}\n`);
  let bytes = 0;
  request.on('data', (chunk) => {
    bytes += chunk.length;
  });
  await once(request, 'close').catch(() => {});
  if (query.kill === 'before') process.kill(process.pid, 'SIGKILL');
  if (query.deaf) server.close();
  if (query.deaf) response.setHeader('connection', 'close');
  if (query.kill === 'during') {
    response.writeHead(200, { 'content-length': 1000 }).write('half');
    await delay(50);
    process.kill(process.pid, 'SIGKILL');
  }
  await delay(Number(query.wait ?? 0));
  inFlight -= 1;
  response.writeHead(Number(query.status ?? 200), {
    'content-type': 'application/json',
    'keep-alive': 'timeout=5',
    'x-function': 'yes',
    'set-cookie': ['a=1', 'b=2'],
  });
  const { pid } = process;
  const { method, headers } = request;
  response.end(JSON.stringify({ pid, method, url: request.url, headers, bytes, seenInFlight }));
});
process.on('SIGTERM', () => env.IGNORE_SIGTERM || server.close(() => process.exit(0)));
setInterval(() => {}, 1_000_000);
setTimeout(() => server.listen(Number(env.PORT), '127.0.0.1'), Number(env.START_DELAY_MS ?? 0));
