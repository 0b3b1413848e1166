// A process of its own that begins a script of the fixtures, says so and waits to be killed:
// STATE-DIRECTORY SERVICES-DIRECTORY SERVICE ACTION.
import { createUptime } from '@koi/lib/uptime';
import type { Action } from '../core/input.ts';
import { createFolderReader } from './folder.ts';
import { createScriptRunner } from './script.ts';

const [, , stateDirectory = '', services = '', service = '', action = ''] = process.argv;

const ignore = (): void => {};

const scripts = createScriptRunner({
  cluster: 'shop',
  node: 'a',
  workingDirectory: '/',
  stateDirectory,
  bootNow: createUptime(),
  log: { info: (text) => process.stdout.write(`${text}\n`), warn: ignore, error: ignore },
  tell: ignore,
});
const contents = await createFolderReader(services, { warn: ignore }).read();
if (contents.kind === 'folder') scripts.place(contents.services);
scripts.run({
  run: 1,
  service,
  // Whoever starts this says what the order may be.
  action: action as Action,
  timeout: 60_000,
  environment: { promoted: false, state: 'standby', epoch: 0, master: undefined },
});
// Ends by itself, should nobody come to kill it.
setTimeout(() => process.exit(1), 60_000);
