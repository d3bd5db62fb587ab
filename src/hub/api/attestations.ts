/** What was said about an image: its provenance, its packages, and each statement as it was pushed. */
import { z } from 'zod';
import {
  attestationQuery,
  imageAttestationsSchema,
  sbomPackagePageSchema,
  sbomPackageQuery,
} from '../../hub-api/schemas/attestations.ts';
import { CorruptError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { statementMediaType } from '../../oci/attestation/statement.ts';
import { tryParseDigest } from '../../oci/image/digest.ts';
import { isProvenance, isSbom, type StoredStatement } from '../attestations/image-attestations.ts';
import { searchPackages } from '../attestations/package-list.ts';
import { authorize } from './access.ts';
import { platforms } from './describe-tag.ts';
import { findReferrers } from './find-referrers.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { below, repositoryParams } from './repository-address.ts';
import { route, type Route } from './route.ts';

const imageParams = repositoryParams.extend({ digest: z.string() });

const listAttestations = route({
  method: 'GET',
  ...below('/images/{digest}/attestations'),
  id: 'getImageAttestations',
  tag: 'Images',
  summary: 'What was said about an image: where it is from, and how many packages are in it.',
  auth: 'optional',
  params: imageParams,
  query: attestationQuery,
  answers: { 200: imageAttestationsSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const found = await statementsOf(parts, repository.id, call.params.digest, call.query.image);
    const [provenance, sbom] = [found.find(isProvenance), found.find(isSbom)];
    return Response.json({
      provenance: provenance ? await readable(() => tellProvenance(parts, provenance)) : null,
      sbom: sbom ? await readable(() => tellSbom(parts, sbom)) : null,
      statements: found.map(present),
    });
  },
});

const listPackages = route({
  method: 'GET',
  ...below('/images/{digest}/packages'),
  id: 'listPackages',
  tag: 'Images',
  summary: 'The packages in an image, as its SBOM names them.',
  auth: 'optional',
  params: imageParams,
  query: sbomPackageQuery,
  answers: { 200: sbomPackagePageSchema },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const { image, query, kind } = call.query;
    const found = await statementsOf(parts, repository.id, call.params.digest, image);
    const sbom = found.find(isSbom);
    if (!sbom) throw new NotFoundError('the image has no SBOM');
    const list = await parts.attestations.packages(sbom);
    const matching = searchPackages(list, query, kind);
    const page = pageRequest(call.query);
    const results = matching.slice(page.offset, page.offset + page.limit);
    return Response.json({
      ...pageOf(parts.originOf(call.request), call.url, page, matching.length, results),
      kinds: list.kinds,
    });
  },
});

const readStatement = route({
  method: 'GET',
  ...below('/images/{digest}/attestations/{statement}'),
  id: 'getStatement',
  tag: 'Images',
  summary: 'One statement about an image, byte for byte.',
  auth: 'optional',
  params: imageParams.extend({ statement: z.string() }),
  answers: { 200: z.looseObject({}).describe('The in-toto statement, bare or in a DSSE envelope.') },
  async handle(parts, call) {
    const { repository } = await authorize(parts, call, 'pull');
    const statement = tryParseDigest(call.params.statement);
    const found = await statementsOf(parts, repository.id, call.params.digest, undefined);
    const wanted = found.find(({ digest }) => digest === statement);
    const stored = wanted && (await parts.contents.open(wanted.digest));
    if (!stored) throw new NotFoundError('object not found');
    return new Response(stored.stream(), {
      headers: {
        'Content-Type': statementMediaType,
        'Content-Disposition': 'attachment; filename="statement.json"',
      },
    });
  },
});

/** @throws NotFoundError when the repository has no such image. */
async function statementsOf(
  parts: ApiParts,
  repositoryId: number,
  text: string,
  image: string | undefined,
): Promise<readonly StoredStatement[]> {
  const digest = tryParseDigest(text);
  const { roots, imagesOf } = await platforms(parts, repositoryId, digest ? [digest] : []);
  if (!digest || !roots.has(digest)) throw new NotFoundError('object not found');
  const referrers = await findReferrers(parts, repositoryId, digest, imagesOf(digest));
  const about = referrers.filter(({ subject }) => image === undefined || subject === image);
  return await parts.attestations.statements(
    repositoryId,
    about.flatMap((each) => tryParseDigest(each.digest) ?? []),
  );
}

/** Anybody who may push may say nonsense: then there is nothing to tell. */
async function readable<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CorruptError || error instanceof InvalidError || error instanceof NotFoundError)
      return null;
    throw error;
  }
}

async function tellProvenance({ attestations }: ApiParts, statement: StoredStatement) {
  return { ...present(statement), ...(await attestations.provenance(statement)) };
}

async function tellSbom({ attestations }: ApiParts, statement: StoredStatement) {
  const { packages, kinds, format, created, tool } = await attestations.packages(statement);
  return { ...present(statement), format, created, tool, count: packages.length, kinds };
}

function present({ digest, predicateType, size }: StoredStatement) {
  return { digest, predicate_type: predicateType.slice(0, 300), size };
}

export const attestationRoutes: readonly Route[] = [listAttestations, listPackages, readStatement];
