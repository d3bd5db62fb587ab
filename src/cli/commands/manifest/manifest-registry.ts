/** Manifests in registries. As with docker, it is the client that asks them; docker.io is the hub that CAIS_HUB names. */
import { NotFoundError } from '../../../lib/errors.ts';
import { RegistryClient, type ReceivedManifest } from '../../../oci/distribution/client.ts';
import { anonymous, type Credentials } from '../../../oci/distribution/credentials.ts';
import { endpointOf } from '../../../oci/distribution/endpoint.ts';
import { domainError, RegistryError } from '../../../oci/distribution/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { maxConfigSize, parseImageConfig } from '../../../oci/image/image-config.ts';
import { type ImageIndex, parseManifest } from '../../../oci/image/manifest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import type { Platform } from '../../../oci/image/platform.ts';
import { formatReference, type Reference } from '../../../oci/image/reference.ts';
import type { CliContext } from '../../context.ts';
import { findCredential, serverOf } from '../../credentials.ts';
import type { StoredManifest } from './manifest-store.ts';

const defaultHub = 'http://127.0.0.1:5000';

/** @param insecure plain HTTP and any certificate will do. */
export async function connectRegistry(
  { config, configFile }: CliContext,
  name: Reference,
  { insecure, actions }: { readonly insecure: boolean; readonly actions: readonly ('pull' | 'push')[] },
): Promise<RegistryClient> {
  const credential = await findCredential(await configFile(), serverOf(name));
  const hub = new URL(config.variables['CAIS_HUB'] || defaultHub);
  const endpoint = endpointOf(name.domain, { hub, insecureRegistries: insecure ? [name.domain] : [] });
  return new RegistryClient({ endpoint, credentials: credentialsOf(credential) }, actions);
}

function credentialsOf(credential: Awaited<ReturnType<typeof findCredential>>): Credentials {
  if (!credential) return anonymous;
  const { username, password, identitytoken } = credential;
  return identitytoken
    ? { kind: 'identity-token', token: identitytoken }
    : { kind: 'password', username, password };
}

/** What a name stands for in its registry. */
export type FetchedManifest =
  | { readonly kind: 'image'; readonly manifest: StoredManifest }
  | { readonly kind: 'index'; readonly index: ImageIndex };

/** @throws NotFoundError "no such manifest: …" */
export async function fetchManifest(client: RegistryClient, name: Reference): Promise<FetchedManifest> {
  const received = await receiveManifest(client, name);
  try {
    const manifest = parseManifest(received.bytes, received.mediaType);
    if (manifest.kind === 'index') return manifest;
    const platform = await platformOf(client, name, manifest.image.config);
    return { kind: 'image', manifest: describe(name, received, platform) };
  } catch (error) {
    throw domainError(error);
  }
}

/** As it is in the registry. @throws NotFoundError "no such manifest: …" */
export async function receiveManifest(client: RegistryClient, name: Reference): Promise<ReceivedManifest> {
  try {
    return await client.getManifest(name, name.digest ?? name.tag ?? '');
  } catch (error) {
    if (error instanceof RegistryError && isAbsent(error))
      throw new NotFoundError(`no such manifest: ${formatReference(name)}`, { cause: error });
    throw domainError(error);
  }
}

/** One that is hidden looks like one that is not there. */
function isAbsent({ status, code }: RegistryError): boolean {
  return status === 404 || code === 'DENIED';
}

/** The image that an entry of an index stands for, with what the index says of it. */
export async function fetchEntry(
  client: RegistryClient,
  name: Reference,
  { digest, platform }: Descriptor,
): Promise<StoredManifest> {
  const reference = { ...name, digest };
  const fetched = await fetchManifest(client, reference);
  if (fetched.kind === 'index') throw new NotFoundError(`no such manifest: ${formatReference(reference)}`);
  const { manifest } = fetched;
  const described = { ...manifest.Descriptor, ...(platform && { platform: inOrder(platform) }) };
  return { ...manifest, Descriptor: described };
}

function describe(
  name: Reference,
  { digest, mediaType, bytes }: ReceivedManifest,
  platform: Platform,
): StoredManifest {
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as object;
  return {
    Ref: formatReference(name),
    Descriptor: { mediaType, digest, size: bytes.byteLength, platform },
    Raw: Buffer.from(bytes).toString('base64'),
    ...(mediaType === mediaTypes.dockerManifest ? { SchemaV2Manifest: manifest } : { OCIManifest: manifest }),
  };
}

/** What an index lists beside images (attestations, say) is of no platform: BuildKit's indexes call that unknown. */
async function platformOf(client: RegistryClient, name: Reference, config: Descriptor): Promise<Platform> {
  if (config.mediaType !== mediaTypes.ociConfig && config.mediaType !== mediaTypes.dockerConfig)
    return { architecture: 'unknown', os: 'unknown' };
  const bytes = await client.getSmallBlob(name, config, maxConfigSize);
  const { os, architecture, variant, ...rest } = parseImageConfig(bytes);
  const version = rest['os.version'];
  const features = rest['os.features'];
  return inOrder({
    os,
    architecture,
    ...(variant && { variant }),
    ...(typeof version === 'string' && version !== '' && { 'os.version': version }),
    ...(Array.isArray(features) && features.length > 0 && { 'os.features': features.map(String) }),
  });
}

/** Docker's order of the fields: what is pushed has the digest that docker's CLI would give it. */
export function inOrder(platform: Platform): Platform {
  const { architecture, os, variant } = platform;
  return {
    architecture,
    os,
    ...(platform['os.version'] && { 'os.version': platform['os.version'] }),
    ...(platform['os.features']?.length && { 'os.features': platform['os.features'] }),
    ...(variant && { variant }),
  };
}
