/**
 * What a build says about itself: `--attest type=provenance,mode=max`, in the query as `attest`. Words are buildx's and
 * BuildKit's. https://docs.docker.com/build/metadata/attestations/
 */
import { splitFields } from '../lib/csv.ts';
import { InvalidError, UnsupportedError } from '../lib/errors.ts';

export interface ProvenanceRequest {
  /** `min`: without build arguments, labels and the Dockerfile. */
  readonly mode: 'min' | 'max';
  readonly version: 'v1' | 'v0.2';
  /** A URL of who or what builds; empty where nobody said. */
  readonly builderId: string;
  /** Said by who builds; nobody has checked it. */
  readonly isReproducible: boolean;
  /** Refuses a build whose materials are not all known. */
  readonly wantsCompleteMaterials: boolean;
}

/** Each undefined where it is not wanted. */
export interface AttestationRequest {
  readonly provenance: ProvenanceRequest | undefined;
  readonly hasSbom: boolean;
}

/** The default of buildx: for what is kept as an image, not for a directory of files. */
export const defaultAttestation = 'type=provenance,mode=min,inline-only=true';

/** One `--attest`. */
export interface Attestation {
  readonly type: string;
  readonly isDisabled: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

/** @throws InvalidError in buildx's words. */
export function parseAttestation(text: string): Attestation {
  let type = '';
  let isDisabled = false;
  const attributes: Record<string, string> = {};
  for (const field of splitFields(text)) {
    const equals = field.indexOf('=');
    if (equals === -1) throw new InvalidError(`invalid value ${field}`);
    const [key, value] = [field.slice(0, equals), field.slice(equals + 1)];
    switch (key.trim().toLowerCase()) {
      case 'type':
        type = value;
        break;
      case 'disabled':
        isDisabled = truth(value, () => `invalid value ${field}`);
        break;
      default:
        attributes[key] = value;
    }
  }
  if (type === '') throw new InvalidError('attestation type not specified');
  return { type, isDisabled, attributes };
}

/** `--sbom` and `--provenance`: what is a truth value says yes or no, anything else are attributes. */
export function shortAttestation(type: 'sbom' | 'provenance', text: string): string {
  const isOn = goTruth(text);
  return isOn === undefined ? `type=${type},${text}` : `type=${type},disabled=${!isOn}`;
}

/**
 * Of several for one type the last one counts.
 * @returns undefined where nothing was said at all. @throws InvalidError, UnsupportedError
 */
export function readAttestations(texts: readonly string[]): AttestationRequest | undefined {
  if (texts.length === 0) return undefined;
  const byType = new Map(texts.map((text) => parseAttestation(text)).map((each) => [each.type, each]));
  for (const { type } of byType.values()) {
    if (type !== 'sbom' && type !== 'provenance')
      throw new InvalidError(`unknown attestation type ${JSON.stringify(type)}`);
  }
  const wanted = (type: string): Attestation['attributes'] | undefined => {
    const found = byType.get(type);
    return found && !found.isDisabled ? found.attributes : undefined;
  };
  const [provenance, sbom] = [wanted('provenance'), wanted('sbom')];
  if (sbom) checkGenerator(sbom['generator']);
  return { provenance: provenance && readProvenance(provenance), hasSbom: sbom !== undefined };
}

/** What is written beside the files of an image: what somebody asked for, and not what an image has by default. */
export function attestationsOfFiles(texts: readonly string[]): readonly string[] {
  const byType = new Map(texts.map((text) => parseAttestation(text)).map((each) => [each.type, each]));
  return [...byType.values()]
    .filter(({ isDisabled, attributes }) => !isDisabled && attributes['inline-only'] !== 'true')
    .map(({ type }) => type);
}

/** Other scanners are images that BuildKit would run; the databases are read by cais itself. @throws UnsupportedError */
function checkGenerator(generator = ''): void {
  if (generator === '' || generator.startsWith('docker/buildkit-syft-scanner')) return;
  throw new UnsupportedError(
    `SBOM generator ${generator} is not supported: leave generator= out, cais reads the packages itself`,
  );
}

function readProvenance(attributes: Attestation['attributes']): ProvenanceRequest {
  const { mode = 'max', version = 'v1' } = attributes;
  if (version !== 'v1' && version !== 'v0.2')
    throw new InvalidError(`invalid provenance SLSA version: ${version}`);
  if (mode !== 'min' && mode !== 'max' && mode !== 'full')
    throw new InvalidError(`invalid mode ${JSON.stringify(mode)}`);
  return {
    mode: mode === 'min' ? 'min' : 'max',
    version,
    builderId: attributes['builder-id'] ?? '',
    isReproducible: flag(attributes, 'reproducible'),
    wantsCompleteMaterials: flag(attributes, 'complete-materials'),
  };
}

function flag(attributes: Attestation['attributes'], name: string): boolean {
  const text = attributes[name];
  return text !== undefined && truth(text, () => `failed to parse ${name} flag ${JSON.stringify(text)}`);
}

/** As Go's strconv.ParseBool. @param describe what is wrong. @throws InvalidError */
export function truth(text: string, describe: () => string): boolean {
  const value = goTruth(text);
  if (value === undefined)
    throw new InvalidError(
      `${describe()}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return value;
}

function goTruth(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}
