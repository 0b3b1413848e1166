// A service that two hosts cannot run at once: it holds one loopback port and answers with its host's
// name. Started by the promote script as `node exclusive-web.ts HOST PORT READY-FILE`.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [host = '', port = '', ready = ''] = process.argv.slice(2);

const server = createServer((_request, response) => {
  response.setHeader('connection', 'close');
  response.end(`${host}\n`);
});
// A port that is taken ends this process, and with it the promote script: with an exit code that says so.
server.on('error', () => process.exit(3));
server.listen(Number(port), '127.0.0.1', () => writeFileSync(ready, ''));
