/**
 * A hub in three copies is one hub, whatever ends: the trial of tests/support/copies/trial.ts, in a network namespace of its own.
 * CAIS_TEST_CHANCE plays what a failed run has told once more; CAIS_TEST_LOAD_SECONDS makes it go on for longer.
 */
import { expect, test } from 'bun:test';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrialReport } from '../support/copies/trial.ts';

const seconds = Number(process.env['CAIS_TEST_LOAD_SECONDS'] ?? 20);
const seed = Number(process.env['CAIS_TEST_CHANCE'] ?? Math.floor(Math.random() * 1e9));

/** Its own loopback interface, and processes that end with it. */
const apart = ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const program = join(import.meta.dir, '../support/copies/trial.ts');

test(
  'nothing that was acknowledged is lost, every client that tries again succeeds, and the audit log has each push once',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cais-copies-'));
    // PostgreSQL runs as somebody else.
    await chmod(directory, 0o755);
    try {
      const child = Bun.spawn(
        [
          ...apart,
          'sh',
          '-c',
          'ip link set lo up && exec "$@"',
          'sh',
          process.execPath,
          program,
          `${seed}`,
          `${seconds}`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: directory } },
      );
      const text = await new Response(child.stdout).text();
      expect([await child.exited, text.length > 0]).toEqual([0, true]);
      const report = JSON.parse(text) as TrialReport;
      const { pushed, pulled, collected, collectedMeanwhile, retries, events, failures } = report;
      console.log(
        `seed ${seed}: ${pushed} pushed, ${pulled} pulled, ${collected} removed and collected (${collectedMeanwhile} meanwhile), ${retries} tried again; ${events.join(', ')}`,
      );
      expect(failures).toEqual([]);
      expect(pushed).toBeGreaterThanOrEqual(64);
      expect(collected).toBeGreaterThanOrEqual(16);
      expect(events.length).toBeGreaterThan(4);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
  // Starting the store takes long on a machine that does much else.
  900_000,
);
