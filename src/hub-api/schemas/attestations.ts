/** What was said about an image: where it is from, and which packages are in it. */
import { z } from 'zod';
import { pageQueryOf, pageWith, time } from './common.ts';

const statementFields = {
  digest: z.string().describe('Of the statement; its address ends in it.'),
  predicate_type: z.string(),
  size: z.int(),
};

const statementSchema = z
  .object(statementFields)
  .meta({ id: 'Statement', description: 'An in-toto statement about the image.' });

export const provenanceSchema = z
  .object({
    ...statementFields,
    builder: z.string().describe('Its address, or its name and version; empty where it is not said.'),
    build_type: z.string(),
    source: z.string().describe('Where the build’s files were; empty for a directory of whoever built.'),
    path: z.string().describe('Of the Dockerfile.'),
    started: time.nullable(),
    finished: time.nullable(),
    is_reproducible: z.boolean().describe('As who built it says.'),
    materials: z.array(
      z.object({
        name: z.string(),
        uri: z.string(),
        digest: z.string().describe('`sha256:…`, or of a commit.'),
      }),
    ),
    arguments: z.array(z.object({ name: z.string(), value: z.string() })),
    is_cut: z.boolean().describe('There is more of it than is told here.'),
  })
  .meta({ id: 'Provenance', description: 'Where an image is from. Nobody has checked it.' });

const kindsSchema = z.array(z.object({ kind: z.string(), count: z.int() }));

const sbomSchema = z
  .object({
    ...statementFields,
    format: z.string().describe('`SPDX-2.3`.'),
    created: time.nullable(),
    tool: z.string(),
    count: z.int().describe('Of all packages.'),
    kinds: kindsSchema,
  })
  .meta({ id: 'Sbom', description: 'Which packages are in an image. Nobody has checked it.' });

export const imageAttestationsSchema = z
  .object({
    provenance: provenanceSchema.nullable(),
    sbom: sbomSchema.nullable(),
    statements: z.array(statementSchema).describe('All of them, those pushed last first; at most 50.'),
  })
  .meta({ id: 'ImageAttestations' });

export const attestationQuery = z.object({
  image: z.string().optional().describe('Digest of one platform, where the address names an index.'),
});

export const sbomPackageSchema = z
  .object({
    kind: z.string().describe('Of its package URL: deb, apk, rpm, npm, pypi, golang …'),
    name: z.string(),
    version: z.string(),
    licence: z.string().describe('Empty where it is not known.'),
    purl: z.string(),
  })
  .meta({ id: 'SbomPackage' });

export const sbomPackagePageSchema = pageWith('SbomPackagePage', sbomPackageSchema, { kinds: kindsSchema });

export const sbomPackageQuery = z.object({
  ...pageQueryOf(1000, 50),
  ...attestationQuery.shape,
  query: z.string().max(200).default('').describe('Part of a name, a version or a licence.'),
  kind: z.string().max(32).default(''),
});
