// A whole cluster on this machine's loopback: three hosts with an elector and a runner each, and two
// services. Tells what happens in words, and what to try in another terminal. Leaves nothing behind.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, type DemoFiles, hostNames, makeDemoFiles } from './demo-files.ts';
import { Narrator } from './narrator.ts';

/** Ending a host takes milliseconds; a machine on its knees may need longer. */
const scriptMax = 10_000;

const files = await makeDemoFiles();
// Read now: whoever removes the checkout meanwhile must not keep us from ending what we started.
const killScript = readFileSync(join(checkout, 'examples/demo/kill-host'), 'utf8');
const begun = performance.now();
let narrator: Narrator | undefined;
let ended = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
// Whoever reads us is gone: there is nobody to demonstrate anything to.
process.stdout.on('error', () => end(0));
process.on('uncaughtException', (error) => {
  console.error(error);
  end(1);
});
process.on('exit', remove);

console.log(introduction(files));
for (const name of hostNames) run('start-host', name);
say('hosts a, b and c start: an elector and a runner each');
narrator = new Narrator(files.addresses, say);
await narrator.watchWeb(files.webPort);

function say(sentence: string): void {
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(`${seconds.padStart(7)} s  ${sentence}`);
}

/** Runs one of the demo's own scripts; they are what the printed commands run, too. */
function run(script: string, ...names: readonly string[]): void {
  const path = join(checkout, 'examples/demo', script);
  runShell([path, files.directory, ...names], `${script} ${names.join(' ')}`);
}

function runShell(words: readonly string[], what: string): void {
  const result = spawnSync('sh', words, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: scriptMax,
  });
  if (result.status !== 0) console.error(`${what} failed`);
}

function end(code: number): void {
  // `exit` ends every host: what was asked once is not asked again.
  if (!ended) process.exit(code);
}

function remove(): void {
  if (ended) return;
  ended = true;
  narrator?.stop();
  runShell(['-c', killScript, 'kill-host', files.directory, ...hostNames], 'ending the hosts');
  rmSync(files.directory, { recursive: true, force: true });
}

function introduction({ adminFile, directory, webPort }: DemoFiles): string {
  const admin = `node_modules/.bin/koi-admin --config ${adminFile}`;
  const commands: readonly (readonly [string, string])[] = [
    ['who is master, and why', `${admin} get-cluster`],
    ['who answers', `curl http://127.0.0.1:${webPort}`],
    ['make b master, in order', `${admin} promote b`],
    ['demote the master, elect nobody', `${admin} demote`],
    ['elect again', `${admin} elect`],
    ['pull the plug of host b', `sh examples/demo/kill-host ${directory} b`],
    ['switch it on again', `sh examples/demo/start-host ${directory} b`],
    ['touch nothing for a while', `${admin} maintenance on`],
    ['go on', `${admin} maintenance off`],
    ['what a host logs', `tail -f ${directory}/b/log`],
  ];
  const width = Math.max(...commands.map(([what]) => what.length));
  const lines = commands.map(([what, command]) => `  ${what.padEnd(width)}  ${command}`);
  return `koi demo: one master among three hosts, never two.
In another terminal, to be typed in ${checkout}:

${lines.join('\n')}

Ctrl-C ends the demo and removes everything.
`;
}
