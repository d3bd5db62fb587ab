/** What one build took from outside, noted as its steps take it: the materials of its provenance. */
import type { Digest } from '../../../oci/image/digest.ts';
import type { Image } from '../../images/image.ts';

/** Where credentials stand in a URL. */
const credentials = /(?<=^|\s)([a-z][a-z0-9+.-]*:\/\/)[^/?#@\s]*@/gi;

export interface LentThing {
  readonly id: string;
  readonly optional: boolean;
}

export class BuildSources {
  readonly images = new Map<string, Image>();
  /** Commits by repository and ref: `https://…/x.git#main`. */
  readonly repositories = new Map<string, string>();
  readonly files = new Map<string, Digest>();
  readonly secrets = new Map<string, LentThing>();
  readonly agents = new Map<string, LentThing>();
  /** Some command could reach the network. */
  usesNetwork = false;

  /** @param name as the Dockerfile has it. */
  addImage(name: string, image: Image): void {
    this.images.set(name, image);
  }

  addRepository(remote: string, ref: string, commit: string): void {
    this.repositories.set(redacted(ref === '' ? remote : `${remote}#${ref}`), commit);
  }

  addFile(url: string, digest: Digest): void {
    this.files.set(redacted(url), digest);
  }

  /** Lent by the client; one that a step insists on is not optional. */
  addLent(kind: 'secret' | 'ssh', id: string, isRequired: boolean): void {
    const all = kind === 'secret' ? this.secrets : this.agents;
    all.set(id, { id, optional: !isRequired && all.get(id)?.optional !== false });
  }
}

/** A text as anybody may see it: users and passwords of URLs are gone. */
export function redacted(text: string): string {
  return text.replace(credentials, '$1xxxxx@');
}
