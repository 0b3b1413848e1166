// What the deadman finds in `watch`: which services are promoted and how each of them goes down, as shell
// assignments. It is read by a shell that runs as root, so every value is quoted, whatever is in it.
import type { FenceHook } from './fence.ts';
import type { ServiceTree } from './process-tree.ts';

/** A script as the deadman runs it. */
export interface WatchedScript {
  /** A directory's script that is missing has succeeded. */
  readonly kind: 'directory' | 'executable';
  readonly file: string;
  /** Where it runs. */
  readonly directory: string;
  /** One at most. */
  readonly parameters: readonly string[];
  /** The FIFO that its output goes to. */
  readonly output: string;
  /** All that it finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A service that is or may be promoted. */
export interface WatchedService {
  readonly name: string;
  /** Undefined: it waits for nobody, and nobody for it. */
  readonly priority: number | undefined;
  readonly demote: WatchedScript;
  readonly stop: WatchedScript;
  readonly tree: ServiceTree;
}

/** The whole file. */
export function watchText(
  services: readonly WatchedService[],
  fence: FenceHook | undefined,
): string {
  const ordered = services.toSorted(byDemotion);
  const lines = [
    // The deadman looks at this line alone, until it has to act.
    `# ${ordered.length} promoted`,
    `fence=${quoteForShell(fence?.file ?? '')}`,
    `fence_environment=${environmentText(fence?.environment ?? {})}`,
    array(ordered, 'id', ({ name }) => idOf(name)),
    array(ordered, 'needle', ({ name }) => orderNeedle(name)),
    array(ordered, 'priority', ({ priority }) => String(priority ?? '')),
    array(ordered, 'cgroup', ({ tree }) => (tree.kind === 'cgroup' ? tree.directory : '')),
    array(ordered, 'groups', ({ tree }) => (tree.kind === 'groups' ? tree.file : '')),
    ...scriptLines(ordered, 'demote'),
    ...scriptLines(ordered, 'stop'),
  ];
  return `${lines.join('\n')}\n`;
}

/** A word that a shell takes as it is, whatever is in it. */
export function quoteForShell(word: string): string {
  // No program's argument holds a NUL, and a shell drops it.
  return `'${word.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}

/** A service's name as one word of a result. */
export function idOf(name: string): string {
  return encodeURIComponent(name);
}

/** The name that a word of a result stands for. */
export function nameOf(id: string): string {
  return decodeURIComponent(id);
}

/** What the orders of a service's scripts have in their text, and no other order has. */
export function orderNeedle(name: string): string {
  return `"service":${JSON.stringify(name)}`;
}

// From high to low priority, the free ones first: they wait for nobody.
function byDemotion(one: WatchedService, other: WatchedService): number {
  const left = one.priority ?? Number.POSITIVE_INFINITY;
  const right = other.priority ?? Number.POSITIVE_INFINITY;
  if (left !== right) return left > right ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}

function array(
  services: readonly WatchedService[],
  variable: string,
  wordOf: (service: WatchedService) => string | number,
): string {
  const values = services.map((service) => quoteForShell(String(wordOf(service))));
  return `${variable}=(${values.join(' ')})`;
}

function scriptLines(
  services: readonly WatchedService[],
  action: 'demote' | 'stop',
): readonly string[] {
  return [
    array(services, `${action}_file`, (service) => service[action].file),
    array(services, `${action}_directory`, (service) => service[action].directory),
    array(services, `${action}_argument`, (service) => service[action].parameters[0] ?? ''),
    array(services, `${action}_optional`, (service) =>
      Number(service[action].kind === 'directory'),
    ),
    array(services, `${action}_output`, (service) => service[action].output),
    ...services.map(
      (service, index) =>
        `${action}_environment_${index}=${environmentText(service[action].environment)}`,
    ),
  ];
}

function environmentText(environment: Readonly<Record<string, string>>): string {
  const words = Object.entries(environment).map(([name, value]) =>
    quoteForShell(`${name}=${value}`),
  );
  return `(${words.join(' ')})`;
}
