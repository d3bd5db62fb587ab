/** What one build took from outside, noted as its steps take it: the materials of its provenance. */
import type { Digest } from '../../../oci/image/digest.ts';
import type { Image } from '../../images/image.ts';

/** Where credentials stand in a URL. */
const credentials = /(?<=^|\s)([a-z][a-z0-9+.-]*:\/\/)[^/?#@\s]*@/gi;

export interface LentThing {
  readonly id: string;
  readonly optional: boolean;
}

interface UsedImage {
  /** As the Dockerfile has it. */
  readonly name: string;
  readonly image: Image;
}

export class BuildSources {
  readonly #images = new Map<string, UsedImage>();
  /** Commits by repository and ref: `https://…/x.git#main`. */
  readonly repositories = new Map<string, string>();
  readonly files = new Map<string, Digest>();
  readonly secrets = new Map<string, LentThing>();
  readonly agents = new Map<string, LentThing>();
  /** Some command could reach the network. */
  usesNetwork = false;

  get images(): readonly UsedImage[] {
    return [...this.#images.values()];
  }

  /** One name may be an image for each platform. */
  addImage(name: string, image: Image): void {
    this.#images.set(`${image.id} ${name}`, { name, image });
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
