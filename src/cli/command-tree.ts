/**
 * Every command by its name, with its line in the lists. Only the file of the command asked for is loaded:
 * that is what makes `cais version` start as fast as it does.
 */
import type { Command } from './command.ts';
import type { ServerPath } from './commands/server/commands.ts';

export interface Entry {
  readonly kind: 'command';
  readonly short: string;
  readonly load: () => Promise<Command>;
  readonly hidden?: boolean;
  /** Another name for the command of this name, not listed. */
  readonly aliasOf?: string;
}

export interface Group {
  readonly kind: 'group';
  readonly short: string;
  readonly entries: Readonly<Record<string, Entry | Group>>;
  /** What the group's name alone does, with words after it that name none of the entries. */
  readonly own?: Entry;
  readonly hidden?: boolean;
  readonly aliasOf?: string;
}

function entry(short: string, load: () => Promise<Command>): Entry {
  return { kind: 'command', short, load };
}

function group(short: string, entries: Group['entries']): Group {
  return { kind: 'group', short, entries };
}

function alias(of: string, target: Entry): Entry {
  return { ...target, aliasOf: of };
}

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

function server(short: string, path: ServerPath): Entry {
  return entry(short, async () => {
    const { serverCommands } = await import('./commands/server/commands.ts');
    return serverCommands[path];
  });
}

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

const fsck = server('Check images, rows and blobs', 'hub fsck');

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
  hub: group('Manage the cais hub', {
    quota: group('Manage how much namespaces may hold', {
      default: server('Set the quota of new accounts', 'hub quota default'),
      ls: server('List the quotas', 'hub quota ls'),
      set: server('Set the quota of a namespace', 'hub quota set'),
    }),
    replication: group('Manage what is copied to other registries', {
      add: server('Make a rule', 'hub replication add'),
      ls: server('List the rules', 'hub replication ls'),
      rm: server('Remove a rule', 'hub replication rm'),
      run: server('Compare everything of a rule now', 'hub replication run'),
      status: server('Show what is not copied yet', 'hub replication status'),
    }),
    retention: group('Manage which tags are kept', {
      ls: server('List the retention policies', 'hub retention ls'),
      preview: server('Tell what would be removed', 'hub retention preview'),
      run: server('Remove what is not kept', 'hub retention run'),
    }),
    cache: group('Manage what the hub keeps of images from other registries', {
      ls: server('List the repositories in the cache', 'hub cache ls'),
      prune: server('Remove what was not pulled for a time', 'hub cache prune'),
      rm: server('Remove repositories, or tags of them, from the cache', 'hub cache rm'),
    }),
    seed: server('Put the built-in images into the hub', 'hub seed'),
    migrate: server('Move the database from its SQLite file to PostgreSQL', 'hub migrate'),
    ready: server('Ask whether the hub can serve', 'hub ready'),
    backup: {
      ...group('Copy the hub into a directory of backups', {
        ls: server('List the backups of a directory', 'hub backup ls'),
        prune: server('Remove the oldest backups of a directory', 'hub backup prune'),
      }),
      own: server('Copy the hub into a directory of backups', 'hub backup'),
    },
    check: alias('fsck', fsck),
    export: server('Write repositories as an OCI image layout', 'hub export'),
    fsck,
    import: server('Push what is in an OCI image layout', 'hub import'),
    restore: server('Make a hub of a backup', 'hub restore'),
    gc: server('Remove what no image needs any more', 'hub gc'),
    keys: group('Manage the keys that sign registry tokens', {
      rotate: server('Sign with a new key', 'hub keys rotate'),
    }),
    serve: server('Serve the hub: registry, accounts, search and pages', 'hub serve'),
    user: group('Manage accounts of the hub', {
      add: server('Make an account', 'hub user add'),
      demote: server('Make an account an ordinary one', 'hub user demote'),
      'disable-2fa': server("Turn an account's two-factor authentication off", 'hub user disable-2fa'),
      invite: server('Make an invitation to sign up', 'hub user invite'),
      list: server('List the accounts', 'hub user list'),
      passwd: server("Change an account's password", 'hub user passwd'),
      promote: server('Make an account an administrator', 'hub user promote'),
      rm: server('Remove an account', 'hub user rm'),
      'sign-out': server('End the sessions of an account', 'hub user sign-out'),
    }),
  }),
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
