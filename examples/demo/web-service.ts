// The demo's real service: holds one loopback port, so that a second master could not even start
// unnoticed, and answers with its host's name. Called as `node web-service.ts HOST PORT READY-FILE`.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [host = '', port = '', ready = ''] = process.argv.slice(2);

const server = createServer((_request, response) => {
  response.setHeader('connection', 'close');
  response.end(`${host}\n`);
});
// A port that is taken ends this process, and with it the promote script.
server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => writeFileSync(ready, ''));
