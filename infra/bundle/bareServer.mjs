// The yardstick of a cold start: the least that a Node process which answers HTTP can do.
import { createServer } from 'node:http';

createServer((_request, response) => response.end('ok')).listen(Number(process.env.PORT));
