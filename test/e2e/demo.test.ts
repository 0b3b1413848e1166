// The demo as a newcomer meets it: it finds a master, tells of a failover when a printed command is
// typed, and leaves neither process nor file behind, however it is ended.
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { hostProcesses } from '../cluster/host-processes.ts';
import { takeTurn } from '../cluster/turn.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How long any sentence may be waited for, on a busy machine. */
const waitMax = 25_000;

class Demo {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  text = '';

  constructor() {
    this.child = spawn(process.execPath, ['examples/demo/main.ts'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child.stdout.on('data', (data) => {
      this.text += String(data);
    });
  }

  /** Waits for something in what the demo says. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + waitMax;
    while (performance.now() < deadline) {
      const found = what.exec(this.text);
      if (found !== null) return found;
      await sleep(50);
    }
    throw new Error(`the demo does not say ${what}:\n${this.text}`);
  }

  /** The demo's directory, as its printed commands name it. */
  async directory(): Promise<string> {
    const [, directory = ''] = await this.says(/kill-host (\S+) b/);
    return directory;
  }

  /** Waits until the demo has ended; tells its exit code. */
  async ended(): Promise<number | null> {
    const deadline = performance.now() + waitMax;
    while (this.child.exitCode === null && this.child.signalCode === null) {
      if (performance.now() > deadline) throw new Error('the demo does not end');
      await sleep(20);
    }
    return this.child.exitCode;
  }
}

test.serial(
  'a printed command kills the master, another takes over, Ctrl-C removes all',
  async (t) => {
    const endTurn = await takeTurn();
    t.teardown(endTurn);
    const demo = new Demo();
    t.teardown(() => demo.child.kill('SIGTERM'));
    const directory = await demo.directory();
    const [, master = ''] = await demo.says(/answers: ([abc])/);
    t.true(hostProcesses(basename(directory)).length >= 10);
    const command = demo.text.match(/sh examples\/demo\/kill-host \S+ /)?.[0] ?? 'no command';
    execFileSync('sh', ['-c', `${command}${master}`], { cwd: root, timeout: 20_000 });
    // The sentence says what was waited for, and who is promoted.
    const others = ['a', 'b', 'c'].filter((name) => name !== master).join('');
    const [, next = ''] = await demo.says(
      new RegExp(`${master} has not .* lease .* grace .*; ([${others}]) is promoted \\(epoch 2\\)`),
    );
    await demo.says(new RegExp(`answers: ${next}`));
    const start = command.replace('kill-host', 'start-host');
    execFileSync('sh', ['-c', `${start}${master}`], { cwd: root, timeout: 20_000 });
    await demo.says(new RegExp(`${master} is heard again`));
    demo.child.kill('SIGINT');
    t.is(await demo.ended(), 0);
    t.deepEqual(hostProcesses(basename(directory)), []);
    t.false(existsSync(directory));
  },
);

test.serial('whoever closes the demo from outside leaves nothing behind either', async (t) => {
  const endTurn = await takeTurn();
  t.teardown(endTurn);
  for (const close of [
    (demo: Demo) => demo.child.kill('SIGHUP'),
    (demo: Demo) => demo.child.stdout.destroy(),
  ]) {
    const demo = new Demo();
    t.teardown(() => demo.child.kill('SIGTERM'));
    const directory = await demo.directory();
    await demo.says(/start/);
    close(demo);
    await demo.ended();
    t.deepEqual(hostProcesses(basename(directory)), []);
    t.false(existsSync(directory));
  }
});
