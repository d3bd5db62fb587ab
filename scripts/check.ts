/**
 * Everything that judges the source without running it: types, lint, format, dead code.
 *   bun scripts/check.ts
 */
const checks: [name: string, argv: string[]][] = [
  ['types', ['tsc', '-p', '.']],
  ['lint', ['oxlint', '--type-aware']],
  ['format', ['oxfmt', '--check']],
  ['dead code', ['knip']],
];

let failed = 0;
for (const [name, [program = '', ...args]] of checks) {
  const child = Bun.spawn([`node_modules/.bin/${program}`, ...args], { stdout: 'pipe', stderr: 'pipe' });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  console.log(`${exitCode === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (exitCode === 0) continue;
  failed++;
  console.log(stdout + stderr);
}
process.exitCode = failed === 0 ? 0 : 1;
