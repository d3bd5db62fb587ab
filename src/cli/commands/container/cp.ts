/** `cais cp`: files between a container and this machine, as tar archives over /archive; `-` is a tar stream itself. */
import { defineCommand, exactly } from '../../command.ts';
import { ExitError } from '../../exit-code.ts';
import { bool } from '../../flags.ts';
import { copyFromContainer, copyToContainer } from './copy.ts';

export const cp = defineCommand({
  usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tcais cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  long: "Copy files/folders between a container and the local filesystem\n\nUse '-' as the source to read a tar archive from stdin\nand extract it to a directory destination in a container.\nUse '-' as the destination to stream a tar archive of a\ncontainer source to stdout.",
  aliases: ['container cp', 'cp'],
  flags: {
    archive: bool('Archive mode (copy all uid/gid information)', 'a'),
    'follow-link': bool('Always follow symbol link in SRC_PATH', 'L'),
    quiet: bool(
      'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
      'q',
    ),
  },
  count: exactly(2),
  completes: 'container',
  run: async ({ context, flags, args: [source = '', target = ''] }) => {
    const [from, to] = [splitPlace(source), splitPlace(target)];
    const options = { archive: flags.archive, followLink: flags['follow-link'] };
    if (from.container !== undefined && to.container !== undefined) {
      throw new ExitError(1, 'copying between containers is not supported');
    }
    if (from.container !== undefined) {
      await copyFromContainer(context, from.container, from.path, to.path, options);
    } else if (to.container !== undefined) {
      await copyToContainer(context, from.path, to.container, to.path, options);
    } else throw new ExitError(1, 'must specify at least one container source');
  },
});

interface Place {
  readonly container?: string;
  readonly path: string;
}

/** `name:/path`; a path that begins with a dot or a slash is local, whatever colons it holds. */
function splitPlace(text: string): Place {
  const colon = text.indexOf(':');
  if (colon <= 0 || /^[./]/.test(text)) return { path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}
