/** What src/bin/cais.ts does for `@unpack` and `@diff`, by itself: the tests of this folder start it. */
import { runDiffChild } from './diff-child.ts';
import { runUnpackChild } from './unpack-child.ts';

const run = process.argv.includes('@unpack') ? runUnpackChild : runDiffChild;
process.exit(await run());
