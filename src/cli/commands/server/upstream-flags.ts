/** The flags of what a hub takes from other registries. Their meaning is in the hub's upstream/upstream-config.ts. */
import { list, string } from '../../flags.ts';

export const upstreamFlags = {
  upstream: list(
    'Registry for public images the hub does not have: URL of Docker Hub or a mirror of it, NAME=URL of another one, or none (default [https://registry-1.docker.io])',
  ),
  'upstream-file': string('File with the credentials for upstream registries, mode 0600'),
  'upstream-allow': list('Take only images like this from upstream, as in docker.io/library/*'),
  'upstream-deny': list('Take no images like this from upstream'),
  'upstream-size': string('Most that is kept of images from upstream, or none for no limit (default "20g")'),
  'upstream-transfers': string(
    'Blobs fetched from one upstream registry at once; others wait (default "16")',
  ),
  'upstream-reach': list(
    'Private address or network that upstream registries may lead to, as in 10.0.0.0/8: a token server, or where blobs are',
  ),
  'upstream-age': string('Time after which upstream is asked whether a tag has moved (default "5m")'),
};
