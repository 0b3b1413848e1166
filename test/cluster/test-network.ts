// Hosts on a network of their own: a namespace for each, a cable from each into one switch, and one witness
// of which host has which address when. A namespace lasts as long as a process in it; those that hold ours end
// with this process, however it ends, so nothing is left behind. Needs root and iproute2.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duration } from '@koi/lib/time';
import type { HostNetwork } from './cluster-options.ts';

/** With this in the environment tests that need namespaces are left out; without it they fail. */
export const WITHOUT_NAMESPACES = 'KOI_TEST_WITHOUT_NAMESPACES';

/** An address that came to a host or went from it, in the order in which the kernel did that. */
export interface AddressChange {
  readonly member: string;
  /** Without the length of its prefix. */
  readonly address: string;
  readonly present: boolean;
}

const switchName = 'switch';
const readyMax: Duration = 5_000;
const lookEvery: Duration = 20;

/** A switch and what is plugged in. The nth member is 192.0.2.n and 2001:db8::n, on its eth0. */
export class TestNetwork implements HostNetwork {
  readonly #members: readonly string[];
  readonly #holders = new Map<string, ChildProcess>();
  readonly #watched: ChildProcess[] = [];
  readonly #changes: AddressChange[] = [];

  private constructor(members: readonly string[]) {
    this.#members = members;
  }

  /** Makes the namespaces and plugs everybody in. Throws a sentence where this machine cannot. */
  static async open(members: readonly string[]): Promise<TestNetwork> {
    const network = new TestNetwork(members);
    try {
      for (const name of [switchName, ...members]) await network.#hold(name);
      network.#cable();
      await network.#watch();
    } catch (error) {
      network.close();
      const reason = error instanceof Error ? error.message : String(error);
      const need = `it takes root and iproute2, or ${WITHOUT_NAMESPACES}=1 to leave these tests out`;
      throw new Error(`no network namespaces here (${reason}): ${need}`, { cause: error });
    }
    return network;
  }

  /** Every change of an address so far. */
  get changes(): readonly AddressChange[] {
    return this.#changes;
  }

  /** The hosts that have an address now, by what was witnessed. */
  holders(address: string): readonly string[] {
    const last = new Map<string, boolean>();
    for (const change of this.#changes) {
      if (change.address === address) last.set(change.member, change.present);
    }
    return [...last].flatMap(([member, present]) => (present ? [member] : []));
  }

  /** Each moment at which two had an address, as a sentence. */
  conflicts(address: string): readonly string[] {
    const holders = new Set<string>();
    return this.#changes.flatMap((change) => {
      if (change.address !== address) return [];
      if (change.present) holders.add(change.member);
      else holders.delete(change.member);
      return holders.size > 1 ? [`${[...holders].join(' and ')} had ${address} at once`] : [];
    });
  }

  addressOf(member: string): string {
    return `192.0.2.${this.#members.indexOf(member) + 1}`;
  }

  enter(member: string): readonly string[] {
    const { pid } = this.#holders.get(member) ?? {};
    if (pid === undefined) throw new Error(`there is no ${member} in this network`);
    return ['nsenter', `--net=/proc/${pid}/ns/net`, '--'];
  }

  /** Runs a command in a member's network; tells its output. Throws where it fails. */
  run(member: string, ...words: readonly string[]): string {
    const [command = '', ...parameters] = [...this.enter(member), ...words];
    const { error, status, stderr, stdout } = spawnSync(command, parameters, { encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`"${words.join(' ')}" failed: ${stderr.trim()}`);
    return stdout;
  }

  /** Starts a process in a member's network. It ends when the network is closed. */
  start(member: string, ...words: readonly string[]): ChildProcess {
    const [command = '', ...parameters] = [...this.enter(member), ...words];
    const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#watched.push(child);
    return child;
  }

  /** The hardware address of a member. */
  macOf(member: string): string {
    return (
      /link\/ether (\S+)/.exec(this.run(member, 'ip', '-o', 'link', 'show', 'eth0'))?.[1] ?? ''
    );
  }

  /** What a member believes to be the hardware address of another's address; empty: nothing. */
  neighbour(member: string, address: string): string {
    const entry = this.run(member, 'ip', 'neigh', 'show', 'to', address, 'dev', 'eth0');
    return /lladdr (\S+)/.exec(entry)?.[1] ?? '';
  }

  /** Takes a member's cable out of the switch, so that its own end notices nothing. */
  unplug(member: string): void {
    this.run(switchName, 'ip', 'link', 'set', this.#portOf(member), 'nomaster');
  }

  plug(member: string): void {
    this.run(switchName, 'ip', 'link', 'set', this.#portOf(member), 'master', 'fabric');
  }

  /** The network of a host that has lost its power: no cable, and no address but its own. */
  blackOut(member: string): void {
    this.unplug(member);
    this.run(member, 'ip', 'address', 'flush', 'dev', 'eth0');
  }

  /** The network of a host that has booted. */
  boot(member: string): void {
    this.#address(member);
    this.plug(member);
  }

  /** Ends everything in it, and with that all of it. */
  close(): void {
    for (const child of [...this.#watched, ...this.#holders.values()]) child.kill('SIGKILL');
    this.#holders.clear();
  }

  #portOf(member: string): string {
    return `port${this.#members.indexOf(member) + 1}`;
  }

  async #hold(name: string): Promise<void> {
    // Ends with its input, which ends with us.
    const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat >/dev/null'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    const signal = AbortSignal.timeout(readyMax);
    const failed = once(child, 'exit', { signal }).then(() => {
      throw new Error(complaint.trim() || 'unshare has ended');
    });
    await Promise.race([once(child.stdout, 'data', { signal }), failed]);
    failed.catch(() => {});
    this.#holders.set(name, child);
  }

  #cable(): void {
    this.run(switchName, 'ip', 'link', 'add', 'fabric', 'type', 'bridge');
    this.run(switchName, 'ip', 'link', 'set', 'fabric', 'up');
    for (const member of this.#members) {
      const port = this.#portOf(member);
      const { pid } = this.#holders.get(member) ?? {};
      const peer = ['peer', 'name', 'eth0', 'netns', `${pid}`];
      this.run(switchName, 'ip', 'link', 'add', port, 'type', 'veth', ...peer);
      this.run(switchName, 'ip', 'link', 'set', port, 'up');
      this.run(member, 'ip', 'link', 'set', 'lo', 'up');
      this.run(member, 'ip', 'link', 'set', 'eth0', 'up');
      this.boot(member);
    }
  }

  #address(member: string): void {
    const number = this.#members.indexOf(member) + 1;
    this.run(member, 'ip', 'address', 'add', `192.0.2.${number}/24`, 'dev', 'eth0');
    this.run(member, 'ip', 'address', 'add', `2001:db8::${number}/64`, 'dev', 'eth0', 'nodad');
  }

  // One socket hears of all namespaces, so the order of what it hears is the order of what happened. The
  // switch knows each of the others by a number, since it has a cable to it.
  async #watch(): Promise<void> {
    const members = new Map<string, string>();
    for (const line of this.run(switchName, 'ip', '-o', 'link', 'show').split('\n')) {
      const [, port, number = ''] = /^\d+: port(\d+)@.* link-netnsid (\d+)/.exec(line) ?? [];
      const member = this.#members[Number(port) - 1];
      if (member !== undefined) members.set(number, member);
    }
    const words = ['ip', '-o', 'monitor', 'all-nsid', 'address'];
    const monitor = this.start(switchName, ...words);
    if (monitor.stdout === null) throw new Error('the monitor has no output');
    createInterface({ input: monitor.stdout }).on('line', (line) => {
      const [, number = '', gone, address = ''] =
        /\[nsid (\d+)\](Deleted )?\d+: \S+ +inet6? ([^/ ]+)/.exec(line) ?? [];
      const member = members.get(number);
      if (member !== undefined) {
        this.#changes.push({ member, address, present: gone === undefined });
      }
    });
    await this.#untilWatching();
  }

  /** The monitor says nothing when it is ready: something is changed until it tells. */
  async #untilWatching(): Promise<void> {
    const [member = ''] = this.#members;
    const deadline = performance.now() + readyMax;
    while (this.#changes.length === 0) {
      if (performance.now() > deadline) throw new Error('"ip monitor all-nsid" tells nothing');
      this.run(member, 'ip', 'address', 'replace', '198.51.100.1/32', 'dev', 'lo');
      await sleep(lookEvery);
    }
    this.run(member, 'ip', 'address', 'del', '198.51.100.1/32', 'dev', 'lo');
  }
}
