// The wrapper as a shell script: the same in every shell that may be /bin/sh.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUptime } from '@koi/lib/uptime';
import test, { type ExecutionContext } from 'ava';
import { FifoPool } from './fifo-pool.ts';
import { readProcess } from './living-process.ts';
import { RunDirectories } from './run-directory.ts';
import { EXIT_UNPLACED, installWrapper } from './script-wrapper.ts';

/** The shells that hosts have as /bin/sh. */
const SHELLS: readonly (readonly [string, readonly string[]])[] = [
  ['/bin/sh', []],
  ['/bin/bash', ['--posix']],
];

const scripts: readonly (readonly [string, string, string])[] = [
  ['exits', '#!/bin/sh\nexit 3\n', '3'],
  ['is killed', '#!/bin/sh\nkill -TERM $$\n', '143'],
  ['has a first line with an argument', '#! /usr/bin/env sh\nexit "$1"\n', '4'],
  ['has a first line and nothing else', '#!/bin/true', '0'],
  ['names no interpreter', '#!\nexit 0\n', 'no-first-line'],
  ['names what is not there', '#!/nowhere x\n', 'bad-interpreter'],
  ['has a carriage return in its first line', '#!/bin/sh\r\nexit 0\n', 'bad-interpreter'],
  ['has no first line', 'exit 0\n', 'no-first-line'],
  ['is empty', '', 'no-first-line'],
  [
    'signals its whole group',
    "#!/bin/sh\ntrap '' HUP INT TERM\nfor name in HUP INT TERM; do kill -$name 0; done\nexit 9\n",
    '9',
  ],
];

const uptime = createUptime();

type Shell = (typeof SHELLS)[number];

/** A wrapper with an order. `paused`: what it sleeps through, stopped, before it has read that. */
interface Wrapping {
  readonly file: string;
  readonly entrance?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly paused?: () => Promise<void>;
  /** What /proc/uptime says to it, in a mount namespace of its own. */
  readonly uptime?: string;
}

/** A state directory with one kind of shell as /bin/sh. */
class Bench {
  readonly directory: string;
  readonly #shell: Shell;
  readonly #wrapper: string;
  readonly #runs: RunDirectories;
  readonly #output: string;

  private constructor(t: ExecutionContext, shell: Shell, directory: string) {
    this.directory = directory;
    this.#shell = shell;
    this.#wrapper = installWrapper(directory);
    const fifos = new FifoPool(join(directory, 'fifos'));
    this.#runs = new RunDirectories(join(directory, 'runs'), fifos, 'test');
    this.#output = join(directory, 'output');
    fifos.take(this.#output);
    const reader = openSync(this.#output, constants.O_RDONLY | constants.O_NONBLOCK);
    t.teardown(() => closeSync(reader));
  }

  static async open(t: ExecutionContext, shell: Shell): Promise<Bench> {
    const directory = await mkdtemp(join(tmpdir(), 'koi-wrapper-'));
    t.teardown(() => rm(directory, { recursive: true }));
    return new Bench(t, shell, directory);
  }

  /** Puts a script there. */
  script(name: string, text: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, text, { mode: 0o755 });
    return file;
  }

  /** How a wrapper exits. */
  async wrap(run: number, { file, entrance = '', ...how }: Wrapping): Promise<number | null> {
    const [shell, options] = this.#shell;
    const place = { kind: 'directory', directory: this.directory, file } as const;
    const environment = { PATH: '/usr/bin:/bin', ...how.environment };
    const plan = { ...place, parameters: ['4'], output: this.#output, environment };
    const order = { service: 'web', action: 'start', timeout: 1_000, deadline: 0 } as const;
    const { path } = this.#runs.create({ ...order, ...place, run }, plan);
    const command = [shell, ...options, this.#wrapper, entrance, 'web'];
    if (how.uptime !== undefined) command.unshift(...this.#timeShift(how.uptime));
    const [program = '', ...words] = command;
    const child = spawn(program, words, {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    // Gone before it has read anything: its exit code tells.
    child.stdin.on('error', () => {});
    if (how.paused !== undefined) await this.#pause(child.pid ?? 0);
    child.stdin.end(`${path}\n`);
    if (how.paused !== undefined) {
      await how.paused();
      child.kill('SIGCONT');
    }
    return await exited;
  }

  #timeShift(text: string): readonly string[] {
    const file = join(this.directory, 'uptime');
    writeFileSync(file, `${text} 1.00\n`);
    const script = `mount --bind '${file}' /proc/uptime && exec "$@"`;
    return ['unshare', '--mount', '/bin/sh', '-c', script, 'sh'];
  }

  async #pause(id: number): Promise<void> {
    process.kill(id, 'SIGSTOP');
    while (readProcess(id)?.phase !== 'T') await sleep(1);
  }

  /** What a wrapper has left. */
  left(run: number, name: string): string {
    return readFileSync(join(this.directory, 'runs', `test-${run}`, name), 'utf8');
  }

  /** What the runner keeps for the deadman. */
  keep(name: string, text: string): void {
    mkdirSync(join(this.directory, 'deadman'), { recursive: true });
    writeFileSync(join(this.directory, 'deadman', name), text);
  }
}

/** Leases of epoch 8, by how much is left of each, and whether a promotion of epoch 8 begins. */
const leases: readonly (readonly [string, (bench: Bench) => void, boolean])[] = [
  ['runs', (bench) => bench.keep('lease', leaseOf(8, 60_000)), true],
  ['is over', (bench) => bench.keep('lease', leaseOf(8, -1)), false],
  ['is over long since', (bench) => bench.keep('lease', '8 09 0\n'), false],
  ['is over, in maintenance', (bench) => bench.keep('lease', leaseOf(8, -1, 1)), true],
  ['is of an older epoch', (bench) => bench.keep('lease', leaseOf(7, 60_000)), false],
  ['is of a newer epoch', (bench) => bench.keep('lease', leaseOf(9, 60_000)), false],
  ['is nonsense', (bench) => bench.keep('lease', '8 soon 0\n'), false],
  ['is not there', () => {}, false],
  [
    'is taken for over by the deadman',
    (bench) => {
      bench.keep('lease', leaseOf(8, 60_000));
      bench.keep('lock.8', '');
    },
    false,
  ],
  [
    'runs, after the deadman has taken down an older one',
    (bench) => {
      bench.keep('lease', leaseOf(8, 60_000));
      bench.keep('lock.7', '');
    },
    true,
  ],
];

function leaseOf(epoch: number, left: number, maintenance = 0): string {
  return `${epoch} ${Math.floor(uptime()) + left} ${maintenance}\n`;
}

/** What the clock says, when the lease ends, and whether a promotion begins: not in the clock's last step. */
const moments: readonly (readonly [string, number, boolean])[] = [
  ['100.00', 100_010, true],
  ['100.00', 100_009, false],
  ['100.00', 99_000, false],
  ['0.08', 90, true],
  ['0.08', 89, false],
  ['8.09', 8_100, true],
  ['8.09', 8_099, false],
  ['9000000.07', 9_000_000_080, true],
  ['9000000.07', 9_000_000_079, false],
];

const PROMOTION = { KOI_ACTION: 'promote', KOI_EPOCH: '8' };

for (const shell of SHELLS) {
  const [name, options] = shell;

  test(`${name}: how a script ended is left behind`, async (t) => {
    const bench = await Bench.open(t, shell);
    for (const [index, [what, text, recorded]] of scripts.entries()) {
      const file = bench.script(`script-${index}`, text);
      const code = await bench.wrap(index, { file });
      t.is(bench.left(index, 'exit'), `${recorded}\n`, what);
      t.is(code, /^\d+$/.test(recorded) ? Number(recorded) : 126, what);
      t.regex(bench.left(index, 'pid'), /^\d+ \d+\n$/);
    }
    await bench.wrap(100, { file: '/bin/true' });
    t.is(bench.left(100, 'exit'), '0\n', 'a program');
    await bench.wrap(101, { file: join(bench.directory, 'nothing') });
    t.is(bench.left(101, 'exit'), 'missing\n');
    mkdirSync(join(bench.directory, 'folder'));
    await bench.wrap(102, { file: join(bench.directory, 'folder') });
    t.is(bench.left(102, 'exit'), 'is-directory\n');
    const entrance = '/nowhere/cgroup.procs';
    t.is(await bench.wrap(103, { file: '/bin/true', entrance }), EXIT_UNPLACED);
    t.throws(() => bench.left(103, 'pid'));
  });

  test(`${name}: a promotion begins under a lease that runs, and under no other`, async (t) => {
    const mark = 'promoted';
    for (const [index, [lease, keep, begins]] of leases.entries()) {
      const bench = await Bench.open(t, shell);
      const file = bench.script('promote', `#!/bin/sh\necho >${mark}\n`);
      keep(bench);
      const code = await bench.wrap(index, { file, environment: PROMOTION });
      t.is(existsSync(join(bench.directory, mark)), begins, lease);
      t.is(bench.left(index, 'exit'), begins ? '0\n' : 'no-lease\n', lease);
      t.is(code, begins ? 0 : 126, lease);
    }
  });

  // Skipped where this host lets us make no mount namespace.
  const dated = spawnSync('unshare', ['--mount', 'true']).status === 0 ? test : test.skip;
  dated(
    `${name}: a lease ends with the millisecond, also soon after boot and after months`,
    async (t) => {
      for (const [index, [text, end, begins]] of moments.entries()) {
        const bench = await Bench.open(t, shell);
        bench.keep('lease', `8 ${end} 0\n`);
        const order = { file: '/bin/true', environment: PROMOTION, uptime: text };
        t.is(await bench.wrap(index, order), begins ? 0 : 126, `${end} at ${text}`);
        t.is(bench.left(index, 'exit'), begins ? '0\n' : 'no-lease\n', `${end} at ${text}`);
      }
    },
  );

  test(`${name}: a script finds what its order says, and nothing of the shell`, async (t) => {
    const bench = await Bench.open(t, shell);
    const file = bench.script('shows', "#!/bin/sh\ntr '\\0' '\\n' </proc/$$/environ >found\n");
    await bench.wrap(1, { file, environment: { KOI_SERVICE: "it's", KOI_MASTER: '' } });
    const found = readFileSync(join(bench.directory, 'found'), 'utf8').trim().split('\n');
    t.deepEqual(found.toSorted(), ['KOI_MASTER=', "KOI_SERVICE=it's", 'PATH=/usr/bin:/bin']);
  });

  test(`${name}: what goes down asks for no lease`, async (t) => {
    const bench = await Bench.open(t, shell);
    const environment = { ...PROMOTION, KOI_ACTION: 'demote' };
    await bench.wrap(1, { file: '/bin/true', environment });
    t.is(bench.left(1, 'exit'), '0\n');
  });

  test(`${name}: a promotion that stood still until its lease was over does not begin`, async (t) => {
    const bench = await Bench.open(t, shell);
    const file = bench.script('promote', '#!/bin/sh\necho >promoted\n');
    const end = Math.floor(uptime()) + 300;
    bench.keep('lease', `8 ${end} 0\n`);
    const paused = async (): Promise<void> => {
      while (uptime() < end) await sleep(10);
    };
    t.is(await bench.wrap(1, { file, environment: PROMOTION, paused }), 126);
    t.is(bench.left(1, 'exit'), 'no-lease\n');
    t.false(existsSync(join(bench.directory, 'promoted')));
  });

  test(`${name}: a wrapper that gets no order ends`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'koi-wrapper-'));
    t.teardown(() => rm(directory, { recursive: true }));
    const child = spawn(name, [...options, installWrapper(directory), '', 'web'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.end();
    t.is(await new Promise((resolve) => child.once('exit', resolve)), 0);
  });
}
