// The yardstick of a function: the least that a Node process which answers HTTP can be. As CommonJS, which Node starts
// faster than an ES module.
const { createServer } = require('node:http');

createServer((_request, response) => response.end('ok')).listen(Number(process.env.PORT), process.env.HOST);
