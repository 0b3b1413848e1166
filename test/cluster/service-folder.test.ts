// The scripts that all cluster tests rest on: what they log, and that the web service cannot be
// promoted on two hosts at once.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { freePorts } from './free-port.ts';
import { hostEnvironment, hostProcesses, killHostProcesses } from './host-processes.ts';
import { overlapsIn } from './overlap.ts';
import { readPromotionLog } from './promotion-log.ts';
import { storeStatusFile, writeServiceFolder } from './service-folder.ts';

test('scripts log, status answers what it is told, one host holds the port', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'koi-scripts-'));
  const [webPort] = await freePorts(1);
  const log = join(directory, 'log');
  const cluster = basename(directory);
  t.teardown(() => {
    killHostProcesses(cluster);
    rmSync(directory, { recursive: true, force: true });
  });
  const memory = (host: string) => join(directory, host, 'memory');
  for (const host of ['a', 'b']) {
    const services = join(directory, host, 'services');
    writeServiceFolder({ host, directory: services, memory: memory(host), log, webPort });
  }
  const run = (host: string, entry: string, action: string): number | null =>
    spawnSync(join(directory, host, 'services', entry, action), {
      env: {
        ...process.env,
        ...hostEnvironment(cluster, host),
        KOI_EPOCH: '7',
        KOI_IS_PROMOTED: '1',
      },
      timeout: 20_000,
    }).status;
  const answer = async () => (await fetch(`http://127.0.0.1:${webPort}/`)).text();

  t.is(run('a', '10-store', 'promote'), 0);
  t.is(run('a', '20-web', 'promote'), 0);
  t.is(run('a', '20-web', 'status'), 0);
  t.is(await answer(), 'a\n');
  t.is(run('b', '20-web', 'promote'), 1);
  t.is(await answer(), 'a\n');
  t.is(run('a', '20-web', 'demote'), 0);
  t.is(run('a', '20-web', 'status'), 1);
  t.is(run('b', '20-web', 'promote'), 0);
  t.is(await answer(), 'b\n');
  t.is(run('b', '20-web', 'stop'), 0);
  t.deepEqual(hostProcesses(cluster), []);

  t.is(run('a', '10-store', 'status'), 0);
  writeFileSync(storeStatusFile(memory('a')), '93\n');
  t.is(run('a', '10-store', 'status'), 93);

  const lines = readPromotionLog(readFileSync(log, 'utf8'));
  t.is(lines.length, 20);
  t.like(lines[0], { kind: 'begin', host: 'a', service: 'store', action: 'promote', epoch: 7 });
  t.like(lines[1], { kind: 'end', host: 'a', service: 'store', action: 'promote', code: 0 });
  // The store of a was never demoted, and b tried its web service meanwhile.
  t.true(overlapsIn(lines).length > 0);
});
