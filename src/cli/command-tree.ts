/**
 * Every command by its name, with its line in the lists. Only the file of the command asked for is loaded:
 * that is what makes `cais version` start as fast as it does.
 */
import { alias, entry, type Group, group, server } from './command-entries.ts';
import { hub } from './hub-commands.ts';

const container = {
  attach: entry(
    'Attach local standard input, output, and error streams to a running container',
    async () => (await import('./commands/container/attach.ts')).attach,
  ),
  commit: entry(
    "Create a new image from a container's changes",
    async () => (await import('./commands/container/commit.ts')).commit,
  ),
  cp: entry(
    'Copy files/folders between a container and the local filesystem',
    async () => (await import('./commands/container/cp.ts')).cp,
  ),
  create: entry(
    'Create a new container',
    async () => (await import('./commands/container/create.ts')).create,
  ),
  diff: entry(
    "Inspect changes to files or directories on a container's filesystem",
    async () => (await import('./commands/container/diff.ts')).diff,
  ),
  exec: entry(
    'Execute a command in a running container',
    async () => (await import('./commands/container/exec.ts')).exec,
  ),
  export: entry(
    "Export a container's filesystem as a tar archive",
    async () => (await import('./commands/container/export.ts')).exportCommand,
  ),
  kill: entry(
    'Kill one or more running containers',
    async () => (await import('./commands/container/kill.ts')).kill,
  ),
  logs: entry(
    'Fetch the logs of a container',
    async () => (await import('./commands/container/logs.ts')).logs,
  ),
  pause: entry(
    'Pause all processes within one or more containers',
    async () => (await import('./commands/container/pause.ts')).pause,
  ),
  port: entry(
    'List port mappings or a specific mapping for the container',
    async () => (await import('./commands/container/port.ts')).port,
  ),
  rename: entry('Rename a container', async () => (await import('./commands/container/rename.ts')).rename),
  restart: entry(
    'Restart one or more containers',
    async () => (await import('./commands/container/restart.ts')).restart,
  ),
  rm: entry('Remove one or more containers', async () => (await import('./commands/container/rm.ts')).rm),
  run: entry(
    'Create and run a new container from an image',
    async () => (await import('./commands/container/run.ts')).run,
  ),
  start: entry(
    'Start one or more stopped containers',
    async () => (await import('./commands/container/start.ts')).start,
  ),
  stats: entry(
    'Display a live stream of container(s) resource usage statistics',
    async () => (await import('./commands/container/stats.ts')).stats,
  ),
  stop: entry(
    'Stop one or more running containers',
    async () => (await import('./commands/container/stop.ts')).stop,
  ),
  top: entry(
    'Display the running processes of a container',
    async () => (await import('./commands/container/top.ts')).top,
  ),
  unpause: entry(
    'Unpause all processes within one or more containers',
    async () => (await import('./commands/container/unpause.ts')).unpause,
  ),
  update: entry(
    'Update configuration of one or more containers',
    async () => (await import('./commands/container/update.ts')).update,
  ),
  wait: entry(
    'Block until one or more containers stop, then print their exit codes',
    async () => (await import('./commands/container/wait.ts')).wait,
  ),
};

const ps = entry('List containers', async () => (await import('./commands/container/ls.ts')).ls);
const containers = {
  ...container,
  ls: ps,
  list: alias('ls', ps),
  ps: alias('ls', ps),
  remove: alias('rm', container.rm),
};

const image = {
  build: entry(
    'Build an image from a Dockerfile',
    async () => (await import('./commands/image/build.ts')).build,
  ),
  dockerfile: entry(
    'Write the Dockerfile that makes an image',
    async () => (await import('./commands/image/dockerfile.ts')).dockerfile,
  ),
  history: entry(
    'Show the history of an image',
    async () => (await import('./commands/image/history.ts')).history,
  ),
  import: entry(
    'Import the contents from a tarball to create a filesystem image',
    async () => (await import('./commands/image/import.ts')).importCommand,
  ),
  load: entry(
    'Load an image from a tar archive or STDIN',
    async () => (await import('./commands/image/load.ts')).load,
  ),
  pull: entry(
    'Download an image from a registry',
    async () => (await import('./commands/image/pull.ts')).pull,
  ),
  push: entry('Upload an image to a registry', async () => (await import('./commands/image/push.ts')).push),
  save: entry(
    'Save one or more images to a tar archive (streamed to STDOUT by default)',
    async () => (await import('./commands/image/save.ts')).save,
  ),
  tag: entry(
    'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    async () => (await import('./commands/image/tag.ts')).tag,
  ),
};

const builder = {
  build: image.build,
  du: entry('Disk usage of the build cache', async () => (await import('./commands/builder/du.ts')).du),
  prune: entry('Remove build cache', async () => (await import('./commands/builder/prune.ts')).prune),
};

const buildx = {
  ...builder,
  bake: {
    ...entry('Build from a file', async () => (await import('./commands/buildx/bake.ts')).bake),
    hidden: true,
  },
  imagetools: group('Commands to work on images in registry', {
    create: entry(
      'Create a new image based on source images',
      async () => (await import('./commands/buildx/imagetools/create.ts')).create,
    ),
    inspect: entry(
      'Show details of an image in the registry',
      async () => (await import('./commands/buildx/imagetools/inspect.ts')).inspect,
    ),
  }),
  inspect: entry(
    'Inspect current builder instance',
    async () => (await import('./commands/buildx/inspect.ts')).inspect,
  ),
  ls: entry('List builder instances', async () => (await import('./commands/buildx/ls.ts')).ls),
  version: entry(
    'Show buildx version information',
    async () => (await import('./commands/buildx/version.ts')).version,
  ),
};

const images = entry('List images', async () => (await import('./commands/image/ls.ts')).ls);
const rmi = entry('Remove one or more images', async () => (await import('./commands/image/rm.ts')).rm);

const system = {
  events: entry(
    'Get real time events from the server',
    async () => (await import('./commands/system/events.ts')).events,
  ),
  info: entry(
    'Display system-wide information',
    async () => (await import('./commands/system/info.ts')).info,
  ),
};

const context = {
  create: entry('Create a context', async () => (await import('./commands/context/create.ts')).create),
  export: entry(
    'Export a context to a tar archive FILE or a tar stream on STDOUT.',
    async () => (await import('./commands/context/export.ts')).exportContext,
  ),
  import: entry(
    'Import a context from a tar file',
    async () => (await import('./commands/context/import.ts')).importContext,
  ),
  inspect: entry(
    'Display detailed information on one or more contexts',
    async () => (await import('./commands/context/inspect.ts')).inspect,
  ),
  ls: entry('List contexts', async () => (await import('./commands/context/ls.ts')).ls),
  rm: entry('Remove one or more contexts', async () => (await import('./commands/context/rm.ts')).rm),
  show: entry(
    'Print the name of the current context',
    async () => (await import('./commands/context/show.ts')).show,
  ),
  update: entry('Update a context', async () => (await import('./commands/context/update.ts')).update),
  use: entry('Set the current docker context', async () => (await import('./commands/context/use.ts')).use),
};

const groups = {
  builder: group('Manage builds', builder),
  buildx: group('Manage builds, builders and images in registries', buildx),
  container: group('Manage containers', {
    ...containers,
    inspect: entry(
      'Display detailed information on one or more containers',
      async () => (await import('./commands/container/inspect.ts')).inspect,
    ),
    prune: entry(
      'Remove all stopped containers',
      async () => (await import('./commands/container/prune.ts')).prune,
    ),
  }),
  context: group('Manage contexts', {
    ...context,
    list: alias('ls', context.ls),
    remove: alias('rm', context.rm),
  }),
  engine: group('Manage the cais engine', {
    serve: server('Serve the Docker Engine API on a socket', 'engine serve'),
  }),
  hub,
  image: group('Manage images', {
    ...image,
    inspect: entry(
      'Display detailed information on one or more images',
      async () => (await import('./commands/image/inspect.ts')).inspect,
    ),
    ls: images,
    list: alias('ls', images),
    prune: entry('Remove unused images', async () => (await import('./commands/image/prune.ts')).prune),
    rm: rmi,
    remove: alias('rm', rmi),
  }),
  manifest: group('Manage Docker image manifests and manifest lists', {
    annotate: entry(
      'Add additional information to a local image manifest',
      async () => (await import('./commands/manifest/annotate.ts')).annotate,
    ),
    create: entry(
      'Create a local manifest list for annotating and pushing to a registry',
      async () => (await import('./commands/manifest/create.ts')).create,
    ),
    inspect: entry(
      'Display an image manifest, or manifest list',
      async () => (await import('./commands/manifest/inspect.ts')).inspect,
    ),
    push: entry(
      'Push a manifest list to a repository',
      async () => (await import('./commands/manifest/push.ts')).push,
    ),
    rm: entry(
      'Delete one or more manifest lists from local storage',
      async () => (await import('./commands/manifest/rm.ts')).rm,
    ),
  }),
  network: group('Manage networks', {
    connect: entry(
      'Connect a container to a network',
      async () => (await import('./commands/network/connect.ts')).connect,
    ),
    create: entry('Create a network', async () => (await import('./commands/network/create.ts')).create),
    disconnect: entry(
      'Disconnect a container from a network',
      async () => (await import('./commands/network/disconnect.ts')).disconnect,
    ),
    inspect: entry(
      'Display detailed information on one or more networks',
      async () => (await import('./commands/network/inspect.ts')).inspect,
    ),
    ls: entry('List networks', async () => (await import('./commands/network/ls.ts')).ls),
    prune: entry(
      'Remove all unused networks',
      async () => (await import('./commands/network/prune.ts')).prune,
    ),
    rm: entry('Remove one or more networks', async () => (await import('./commands/network/rm.ts')).rm),
  }),
  system: group('Manage cais', {
    ...system,
    'dial-stdio': {
      ...entry(
        'Proxy the stdio stream to the daemon connection. Should not be invoked manually.',
        async () => (await import('./commands/system/dial-stdio.ts')).dialStdio,
      ),
      hidden: true,
    },
    df: entry('Show docker disk usage', async () => (await import('./commands/system/df.ts')).df),
    prune: entry('Remove unused data', async () => (await import('./commands/system/prune.ts')).prune),
  }),
  volume: group('Manage volumes', {
    create: entry('Create a volume', async () => (await import('./commands/volume/create.ts')).create),
    inspect: entry(
      'Display detailed information on one or more volumes',
      async () => (await import('./commands/volume/inspect.ts')).inspect,
    ),
    ls: entry('List volumes', async () => (await import('./commands/volume/ls.ts')).ls),
    prune: entry(
      'Remove unused local volumes',
      async () => (await import('./commands/volume/prune.ts')).prune,
    ),
    rm: entry('Remove one or more volumes', async () => (await import('./commands/volume/rm.ts')).rm),
  }),
};

export const root: Group = group('Docker Hub, engine and command line in one program, on your own machine', {
  ...container,
  ...image,
  ...system,
  ...groups,
  compose: entry(
    'Define and run multi-container applications with the installed docker-compose',
    async () => (await import('./commands/compose.ts')).compose,
  ),
  completion: entry(
    'Generate the completion script for a shell',
    async () => (await import('./commands/completion.ts')).completion,
  ),
  images,
  inspect: entry(
    'Return low-level information on Docker objects',
    async () => (await import('./commands/inspect.ts')).inspect,
  ),
  login: entry(
    'Authenticate to a registry',
    async () => (await import('./commands/registry/login.ts')).login,
  ),
  logout: entry(
    'Log out from a registry',
    async () => (await import('./commands/registry/logout.ts')).logout,
  ),
  ps,
  rmi,
  search: entry(
    'Search Docker Hub for images',
    async () => (await import('./commands/registry/search.ts')).search,
  ),
  up: server('Start hub and engine in one process', 'up'),
  version: entry(
    'Show the Docker version information',
    async () => (await import('./commands/system/version.ts')).version,
  ),
});
