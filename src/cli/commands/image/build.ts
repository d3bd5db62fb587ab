/** `cais build`: a Dockerfile and a context become an image. docs/flows/build.md */
import { buildFlags } from '../../build/build-flags.ts';
import { runBuild } from '../../build/run-build.ts';
import { defineCommand, exactly } from '../../command.ts';

export const build = defineCommand({
  usage: '[OPTIONS] PATH | URL | -',
  long: 'Start a build',
  aliases: ['build', 'builder build', 'image build', 'buildx build'],
  flags: buildFlags,
  count: exactly(1),
  completes: 'none',
  run: async ({ context, flags, args: [place = ''] }) => await runBuild(context, flags, place),
});
