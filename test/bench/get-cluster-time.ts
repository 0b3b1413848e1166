// How long `koi-admin get-cluster` takes on a host of the cluster, as a multiple of what a bare Node takes
// to start and end: from the bundle, with the compile cache, over the elector's socket. Both are measured
// by turns, so that other load on this machine hits them alike.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Duration } from '@koi/lib/time';
import { TestCluster } from '../cluster/test-cluster.ts';
import { type Figure, median } from './figure.ts';

const BUNDLE = fileURLToPath(
  new URL('../../services/admin-cli/dist/koi-admin.js', import.meta.url),
);

/** Runs that are not counted: the first one fills the compile cache. */
const WARM_UP = 3;

/** How long one run may take at all. */
const RUN_MAX: Duration = 20_000;

export const getClusterFigure: Figure = {
  name: 'get-cluster',
  async measure(rounds, note) {
    const cluster = await TestCluster.start({ times: { preset: 'default' } });
    try {
      const { leader } = await cluster.untilSettled();
      const socket = `unix:${cluster.socket(leader, 'elector')}`;
      const args = [BUNDLE, '--elector', socket, 'get-cluster'];
      for (let round = 0; round < WARM_UP; round += 1) time(args);
      const bare: Duration[] = [];
      const whole: Duration[] = [];
      for (let round = 0; round < rounds; round += 1) {
        bare.push(time(['-e', '0']));
        whole.push(time(args));
        note(`${whole.at(-1)?.toFixed(1)} ms, bare ${bare.at(-1)?.toFixed(1)} ms`);
      }
      const [long, short] = [median(whole), median(bare)];
      const value = long / short;
      const remark = `${long.toFixed(1)} ms, bare ${short.toFixed(1)} ms, medians of ${rounds}`;
      return [{ what: 'get-cluster, of a bare Node', value, unit: '×', bound: 4, remark }];
    } finally {
      await cluster.close();
    }
  },
};

function time(args: readonly string[]): Duration {
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { timeout: RUN_MAX });
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr}`);
  return performance.now() - before;
}
