// The commands that only look: their words, and what is loaded for each.
import type { CommandEntry } from './command.ts';
import { EXIT, type ExitCode, Failure } from './failure.ts';
import { readNumber, readSince } from './option-values.ts';
import type { Session } from './session.ts';

/** In the order of the help. */
export const LOOKS: readonly CommandEntry[] = [
  {
    name: 'get-cluster',
    aliases: ['status', 'tree'],
    summary: 'show the cluster: leader, master, electors, runners, services',
    arguments: [{ name: 'node', required: false, summary: 'this node alone', names: 'node' }],
    options: [
      {
        flags: '--check',
        summary: 'one line and an exit code for monitoring: 0 READY, 1 BLOCKED, 3 UNKNOWN',
      },
    ],
    examples: ['get-cluster', 'get-cluster --check', 'get-cluster -o json', 'status b'],
    run: (session, [node], { check }) => showCluster(session, node, check === true),
  },
  {
    name: 'get-node',
    summary: 'show one node: its elector, its runner, its services',
    arguments: [{ name: 'name', required: true, summary: 'the node', names: 'node' }],
    examples: ['get-node b', 'get-node b -o wide'],
    run: (session, [name]) => showCluster(session, name, false),
  },
  {
    name: 'local',
    summary: "show this host's own daemons, whatever the cluster does",
    examples: ['local', 'local -o json'],
    run: async (session) => await (await import('./commands/local.ts')).local(session),
  },
  {
    name: 'watch',
    summary: 'show the cluster live; off a terminal a line for each change',
    examples: ['watch', 'watch -o json'],
    run: async (session) => await (await import('./commands/watch.ts')).watch(session),
  },
  {
    name: 'events',
    summary: 'list what was decided and what happened, and sum up each failover',
    options: [
      { flags: '--follow', summary: 'go on with what comes, until Ctrl-C' },
      { flags: '--since <time>', summary: 'from then on: 10m, 12:03, "2026-11-23 12:03" (UTC)' },
      { flags: '--after <number>', summary: 'only those with a higher number' },
      { flags: '--failovers', summary: 'the failovers and switchovers alone' },
    ],
    examples: ['events --since 10m', 'events --follow', 'events --failovers', 'events -o json'],
    run: async (session, _, { after, since, failovers, follow }) => {
      const options = {
        after: typeof after === 'string' ? readNumber('--after', after) : 0n,
        since: typeof since === 'string' ? readSince(since, session.terminal.wall()) : undefined,
        failovers: failovers === true,
        follow: follow === true,
      };
      return await (await import('./commands/events.ts')).events(session, options);
    },
  },
  {
    name: 'failures',
    summary: 'list the last failures of services',
    arguments: [{ name: 'name', required: false, summary: 'of this runner', names: 'runner' }],
    examples: ['failures', 'failures b'],
    run: async (session, [runner = '']) =>
      await (await import('./commands/failures.ts')).failures(session, runner),
  },
  {
    name: 'why',
    summary: 'say why it is so: who is master, who could follow, what would fail next',
    arguments: [{ name: 'name', required: false, summary: 'this runner alone', names: 'runner' }],
    options: [
      { flags: '--epoch <number>', summary: 'explain this epoch, out of what is remembered' },
    ],
    examples: ['why', 'why b', 'why --epoch 3'],
    run: async (session, [runner = ''], { epoch }) => {
      const past = typeof epoch === 'string' ? readNumber('--epoch', epoch) : 0n;
      return await (await import('./commands/why.ts')).why(session, runner, past);
    },
  },
  {
    name: 'check-config',
    summary: 'check a configuration file, and show the failover time that follows from it',
    arguments: [
      { name: 'file', required: false, summary: 'default: the one in force', names: 'file' },
    ],
    examples: ['check-config', 'check-config ./koi.yaml'],
    run: async (session, [file]) =>
      await (await import('./commands/check-config.ts')).checkConfig(session, file),
  },
];

async function showCluster(
  session: Session,
  node: string | undefined,
  check: boolean,
): Promise<ExitCode> {
  if (node !== undefined) {
    if (check) throw new Failure(EXIT.USAGE, '--check is of the whole cluster: name no node');
    return await (await import('./commands/get-node.ts')).getNode(session, node);
  }
  const { checkCluster, getCluster } = await import('./commands/get-cluster.ts');
  return await (check ? checkCluster(session) : getCluster(session));
}
