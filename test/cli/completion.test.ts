// `koi-admin completion`: the scripts in the shells themselves, as far as this machine has them, and the
// names that they ask for. In the shells koi-admin is a stand-in that tells what it was asked.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { COMMANDS } from '../../services/admin-cli/src/command-table.ts';
import { wordTable } from '../../services/admin-cli/src/completion/word-table.ts';
import { GLOBAL_OPTIONS } from '../../services/admin-cli/src/global-options.ts';
import { commandLine } from '../../services/admin-cli/src/plain-command.ts';
import { startFake } from './fake-elector.ts';
import { freePort, koiAdmin, writeConfig, writeElectors } from './koi-admin.ts';
import { SHOP } from './shop.ts';

const table = wordTable(COMMANDS, GLOBAL_OPTIONS);
const commands = table.commands.flatMap(({ words }) => words);
const globals = ['--config', '--elector', '--timeout', '--output', '--help'];

interface Shell {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** What koi-admin was asked. */
  asked(): readonly string[];
}

/** A folder with the script of a shell, and with a koi-admin. */
async function prepare(t: ExecutionContext, shell: string): Promise<Shell> {
  const folder = mkdtempSync(join(tmpdir(), 'koi-completion-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(`${folder}/script`, (await koiAdmin(['completion', shell])).out);
  const program = `#!/bin/sh
echo "$*" >>'${folder}/asked'
case $* in
  *runners) printf '%s\\n' alpha beta 'x$(touch evil)' ;;
  *nodes) printf '%s\\n' alpha beta gamma ;;
  *electors) printf '%s\\n' 10.0.0.1:42012 10.0.0.2:42012 ;;
esac
`;
  writeFileSync(`${folder}/koi-admin`, program);
  chmodSync(`${folder}/koi-admin`, 0o755);
  writeFileSync(`${folder}/asked`, '');
  return {
    folder,
    env: { PATH: `${folder}:${process.env['PATH']}`, HOME: folder },
    asked: () => readFileSync(`${folder}/asked`, 'utf8').trimEnd().split('\n'),
  };
}

/** What bash would offer for words that are parted as it parts them. */
function offered({ folder, env }: Shell, words: readonly string[], extra = ''): readonly string[] {
  const program = `set -u
compopt() { COMPREPLY+=("compopt $*"); }
${extra}
. ./script
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_koi_admin koi-admin
if ((\${#COMPREPLY[@]})); then printf '%s\\n' "\${COMPREPLY[@]}"; fi`;
  const shell = ['--norc', '-c', program, 'bash', ...words];
  const out = execFileSync('bash', shell, { cwd: folder, env, encoding: 'utf8' });
  return out === '' ? [] : out.trimEnd().split('\n');
}

test('bash: every place of a command line', async (t) => {
  const shell = await prepare(t, 'bash');
  const cases: readonly (readonly [line: string, offers: readonly string[]])[] = [
    ['koi-admin ', commands],
    ['koi-admin pro', ['promote']],
    ['koi-admin st', ['status', 'start', 'stop']],
    ['koi-admin nothing ', []],
    ['koi-admin -', [...globals, '--version']],
    ['koi-admin promote -', [...globals, '--force', '--wait', '--no-wait']],
    ['koi-admin tree --c', ['--config', '--check']],
    ['koi-admin maintenance ', ['on', 'off']],
    ['koi-admin maintenance on ', []],
    ['koi-admin -o ', ['text', 'wide', 'json']],
    ['koi-admin get-cluster --output = j', ['json']],
    ['koi-admin --timeout 5s maintenance of', ['off']],
    ['koi-admin events --since 12 : 03 --f', ['--follow', '--failovers']],
    ['koi-admin --config ', ['compopt -o default']],
    ['koi-admin check-config ', ['compopt -o default']],
    ['koi-admin help why', ['why']],
    ['koi-admin completion ', ['bash', 'zsh', 'fish']],
    ['koi-admin completion bash --names n', ['nodes']],
    ['koi-admin promote ', ['alpha', 'beta', 'x$(touch evil)']],
    ['koi-admin promote b', ['beta']],
    ['koi-admin promote --force b', ['beta']],
    ['koi-admin promote alpha ', []],
    ['koi-admin get-node ', ['alpha', 'beta', 'gamma']],
    ['koi-admin --elector ', ['10.0.0.1:42012', '10.0.0.2:42012']],
    ['koi-admin --elector 10.0.0.1 :', ['42012']],
    ['koi-admin --elector = 10.0.0.2 : 4', ['42012']],
    ['koi-admin --epoch ', []],
  ];
  for (const [line, offers] of cases) t.deepEqual(offered(shell, line.split(' ')), offers, line);
  const whole = "COMP_WORDBREAKS=$' \\t\\n\"'";
  const asWhole = (line: string) => offered(shell, line.split(' '), whole);
  t.deepEqual(asWhole('koi-admin --output=j'), ['--output=json']);
  t.deepEqual(asWhole('koi-admin --elector 10.0.0.2:4'), ['10.0.0.2:42012']);
  // A name is a word and nothing else.
  t.false(execFileSync('ls', { cwd: shell.folder, encoding: 'utf8' }).includes('evil'));
});

test('bash: who is asked for names is whom the command line names', async (t) => {
  const shell = await prepare(t, 'bash');
  offered(shell, ['koi-admin', '--config', './my koi.yaml', 'stop', '']);
  offered(shell, ['koi-admin', '--elector', '10.0.0.1', ':', '42012', 'stop', '']);
  offered(shell, ['koi-admin', '-o', 'json', 'stop', '']);
  t.deepEqual(shell.asked(), [
    '--config ./my koi.yaml completion bash --names runners',
    '--elector 10.0.0.1:42012 completion bash --names runners',
    'completion bash --names runners',
  ]);
});

whereInstalled('fish')('fish: every place of a command line', async (t) => {
  const shell = await prepare(t, 'fish');
  const words = (line: string) => {
    const program = `source script; complete -C '${line}'`;
    const options = { cwd: shell.folder, env: shell.env, encoding: 'utf8' } as const;
    const out = execFileSync('fish', ['--no-config', '-c', program], options);
    return out.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0]]));
  };
  t.deepEqual(words('koi-admin ').toSorted(), commands.toSorted());
  t.deepEqual(words('koi-admin maintenance '), ['off', 'on']);
  t.deepEqual(words('koi-admin --elector 10.0.0.1:42012 get-node '), ['alpha', 'beta', 'gamma']);
  t.deepEqual(words('koi-admin promote alpha '), []);
  t.deepEqual(words('koi-admin promote --f'), ['--force']);
  t.deepEqual(words('koi-admin -o j'), ['json']);
  t.true(words('koi-admin check-config scr').includes('script'));
  t.deepEqual(shell.asked(), ['--elector 10.0.0.1:42012 completion fish --names nodes']);
});

whereInstalled('zsh')('zsh: every place of a command line', async (t) => {
  const shell = await prepare(t, 'zsh');
  // An interactive zsh on a terminal of its own: a key tells what would be offered, and says that it has.
  const told = `told() {
  compadd() { local -a all; builtin compadd -O all "$@"; print -rl -- $all >>./told; builtin compadd "$@"; }
  _main_complete; unfunction compadd; print -n over
}`;
  const rc = `autoload -Uz compinit; compinit -u -d ./dump
. ./script
PS1='go> '
${told}
zle -C told list-choices told; bindkey '^X' told`;
  writeFileSync(`${shell.folder}/zshrc`, rc);
  const words = (line: string) => {
    writeFileSync(`${shell.folder}/told`, '');
    const driver = `zmodload zsh/zpty; zpty z 'zsh -f -i'; zpty -w z '. ./zshrc'
zpty -r z seen '*go> *'; zpty -wn z $'${line}\\x18'; zpty -r z seen '*over*'; zpty -d z`;
    const options = { cwd: shell.folder, env: shell.env, timeout: 20_000 };
    spawnSync('zsh', ['-f', '-c', driver], options);
    const all = readFileSync(`${shell.folder}/told`, 'utf8').split('\n');
    return [...new Set(all.filter((word) => word !== ''))].toSorted();
  };
  t.deepEqual(words('koi-admin '), commands.toSorted());
  t.deepEqual(words('koi-admin maintenance '), ['off', 'on']);
  t.deepEqual(words('koi-admin --elector 10.0.0.1:42012 get-node '), ['alpha', 'beta', 'gamma']);
  t.deepEqual(words('koi-admin -o '), ['json', 'text', 'wide']);
  t.deepEqual(shell.asked(), ['--elector 10.0.0.1:42012 completion zsh --names nodes']);
});

/** Where a shell is not there its test counts as skipped. `.ci/run` installs all of them. */
function whereInstalled(shell: string) {
  return spawnSync(shell, ['--version']).status === 0 ? test : test.skip;
}

test('names are those of the cluster, each once', async (t) => {
  const { address } = await startFake(t, { cluster: SHOP });
  const ask = async (what: string) => {
    const { exit, out, err } = await koiAdmin([
      '--elector',
      address,
      'completion',
      'bash',
      '--names',
      what,
    ]);
    t.is(exit, 0);
    t.is(err, '');
    return out.split('\n').slice(0, -1);
  };
  t.deepEqual(await ask('runners'), SHOP.cluster.runners.map(({ name }) => name).toSorted());
  const nodes = [...SHOP.cluster.runners, ...SHOP.cluster.electors].map(({ name }) => name);
  t.deepEqual(await ask('nodes'), [...new Set(nodes)].toSorted());
});

test('addresses of electors come from the configuration, and from the cluster without one', async (t) => {
  const config = writeElectors(t, '127.0.0.2:42012', '127.0.0.1:42012');
  const { out } = await koiAdmin(['completion', 'bash', '--names', 'electors', '--config', config]);
  t.is(out, '127.0.0.1:42012\n127.0.0.2:42012\n');
  const { address } = await startFake(t, { cluster: SHOP });
  const asked = [
    '--elector',
    address,
    '--config',
    '/nonexistent',
    'completion',
    'bash',
    '--names',
    'electors',
  ];
  t.is((await koiAdmin(asked)).out, '127.0.0.1:42011\n127.0.0.1:42012\n127.0.0.1:42013\n');
});

test('a name that a shell would take for more is left out', async (t) => {
  const runners = ['good', 'x;reboot', '$(id)', '-o', 'a b', ''].map((name) => ({ name }));
  const { address } = await startFake(t, { cluster: { cluster: { leader: 'a', runners } } });
  t.is(
    (await koiAdmin(['--elector', address, 'completion', 'bash', '--names', 'runners'])).out,
    'good\n',
  );
});

test('whatever goes wrong with names, nothing is said and exit is 0', async (t) => {
  const nothing = { exit: 0, out: '', err: '' };
  const address = `127.0.0.1:${await freePort()}`;
  t.deepEqual(
    await koiAdmin(['--elector', address, 'completion', 'bash', '--names', 'runners']),
    nothing,
  );
  const broken = writeConfig(t, 'cluster: [');
  t.deepEqual(
    await koiAdmin(['--config', broken, 'completion', 'bash', '--names', 'nodes']),
    nothing,
  );
  t.deepEqual(
    await koiAdmin(['--config', broken, 'completion', 'bash', '--names', 'electors']),
    nothing,
  );
});

test('the command line takes the options that are listed', (t) => {
  for (const { words, value } of table.options.filter((one) => one.value !== undefined)) {
    const [choice] = value?.offer.kind === 'words' ? value.offer.words : ['10.0.0.1:1'];
    for (const word of words) {
      const given = word === '--timeout' ? '5s' : (choice ?? '');
      t.not(commandLine(['elect', word, given]), undefined, word);
    }
  }
  for (const { words, options, arguments: list } of table.commands) {
    const needed = COMMANDS.find(({ name }) => name === words[0])?.arguments ?? [];
    const given = list.flatMap(({ offer }, index) => {
      if (needed[index]?.required !== true) return [];
      return offer.kind === 'words' ? offer.words.slice(0, 1) : ['x'];
    });
    for (const option of words[0] === 'help' ? [] : options) {
      const { value: taken } = option;
      const [first = '1'] = taken?.offer.kind === 'words' ? taken.offer.words : [];
      const value = taken === undefined ? [] : [first];
      const args = [words[0] ?? '', ...given, option.words[0] ?? '', ...value];
      t.not(commandLine(args), undefined, args.join(' '));
    }
  }
});
