/**
 * The composition root: the one program. It loads no more than what is asked for: a part of a server that runs as a process
 * or a thread of its own, or the CLI, which loads servers the same way.
 */
const parts: Readonly<Record<string, () => Promise<number>>> = {
  '@join': async () => (await import('../engine/joining/join-child.ts')).runJoinChild(),
  '@unpack': async () => (await import('../engine/snapshots/unpack-child.ts')).runUnpackChild(),
  '@read-layer': async () => (await import('../oci/layer/layer-source.ts')).runLayerSource(),
  '@layer': async () => (await import('../hub/files/layer-child.ts')).runLayerChild(),
  '@members': async () => (await import('../engine/images/archive/member-child.ts')).runMemberChild(),
  '@archive': async () => (await import('../engine/archives/archive-child.ts')).runArchiveChild(),
  '@context': async () => (await import('../engine/build/context/context-child.ts')).runContextChild(),
  '@packages': async () => (await import('../engine/build/attest/scan-child.ts')).runScanChild(),
  '@copy': async () => (await import('../engine/build/files/copy-child.ts')).runCopyChild(),
  '@mount': async () => (await import('../engine/volumes/mount-child.ts')).runMountChild(),
  '@image-changes': async () =>
    (await import('../engine/snapshots/image-changes-child.ts')).runImageChangesChild(),
  '@dockerfile': async () =>
    (await import('../engine/images/dockerfile/dockerfile-child.ts')).runDockerfileChild(),
  '@diff': async () => (await import('../engine/snapshots/diff-child.ts')).runDiffChild(),
};

const run =
  parts[process.argv[2] ?? ''] ?? (async () => (await import('./command-line.ts')).runCommandLine());
// Input may still be open and a connection alive: it is over all the same.
process.exit(await run());
