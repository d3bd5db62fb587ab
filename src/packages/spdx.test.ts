import { expect, test } from 'bun:test';
import { z } from 'zod';
import { isExpression, parseDebianCopyright } from './licences.ts';
import { spdxDocument } from './spdx.ts';

/** What SPDX 2.3 requires, and the forms that it gives. https://github.com/spdx/spdx-spec/blob/v2.3/schemas/spdx-schema.json */
const identifier = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);
const documentSchema = z.object({
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  spdxVersion: z.literal('SPDX-2.3'),
  dataLicense: z.literal('CC0-1.0'),
  name: z.string().min(1),
  documentNamespace: z.url().regex(/^[^#]+$/),
  creationInfo: z.object({
    created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    creators: z.array(z.string().regex(/^(Tool|Person|Organization): /)).min(1),
    comment: z.string().optional(),
  }),
  packages: z.array(
    z.object({
      SPDXID: identifier,
      name: z.string().min(1),
      versionInfo: z.string().optional(),
      downloadLocation: z.literal('NOASSERTION'),
      filesAnalyzed: z.literal(false),
      supplier: z
        .string()
        .regex(/^(NOASSERTION|(Person|Organization): .+)$/)
        .optional(),
      licenseConcluded: z.string(),
      licenseDeclared: z.string().refine((text) => text === 'NOASSERTION' || isExpression(text)),
      copyrightText: z.string(),
      externalRefs: z
        .array(
          z.object({
            referenceCategory: z.literal('PACKAGE-MANAGER'),
            referenceType: z.literal('purl'),
            referenceLocator: z.string().startsWith('pkg:'),
          }),
        )
        .optional(),
    }),
  ),
  hasExtractedLicensingInfos: z
    .array(
      z.object({ licenseId: z.string().regex(/^LicenseRef-[A-Za-z0-9.-]+$/), extractedText: z.string() }),
    )
    .optional(),
  relationships: z.array(
    z.object({ spdxElementId: identifier, relationshipType: z.string(), relatedSpdxElement: identifier }),
  ),
});

const facts = {
  name: 'acct/app:1',
  created: new Date('2026-11-26T19:00:00.5Z'),
  version: '1.0',
  distribution: { id: 'debian', version: '12' },
  remark: '',
};

test('a document has what SPDX 2.3 requires, each package once, under the image', () => {
  const curl = {
    kind: 'deb',
    name: 'libstdc++6',
    version: '12.2',
    maintainer: 'Debian GCC <gcc@x.org>',
  } as const;
  const odd = {
    kind: 'pypi',
    name: 'odd',
    version: '1',
    licence: 'Do What You Like',
    homepage: 'no address',
  } as const;
  const found = [
    { installed: curl, path: 'var/lib/dpkg/status' },
    { installed: odd, path: 'a/METADATA' },
    { installed: odd, path: 'b/METADATA' },
  ];
  const document = documentSchema.parse(spdxDocument(found, facts));
  expect(document.packages.map(({ name }) => name)).toEqual(['acct/app:1', 'debian', 'libstdc++6', 'odd']);
  expect(new Set(document.packages.map(({ SPDXID }) => SPDXID)).size).toBe(4);
  expect(document.packages[2]?.supplier).toBe('Person: Debian GCC (gcc@x.org)');
  expect(document.packages[3]?.licenseDeclared).toBe(
    document.hasExtractedLicensingInfos?.[0]?.licenseId ?? '',
  );
  expect(document.relationships[0]).toEqual({
    spdxElementId: 'SPDXRef-DOCUMENT',
    relationshipType: 'DESCRIBES',
    relatedSpdxElement: 'SPDXRef-DocumentRoot-Image',
  });
  expect(document.relationships).toHaveLength(4);
  expect(spdxDocument(found, facts)).toEqual(spdxDocument(found, facts));
});

test('a copyright file of Debian names its licences as SPDX does', () => {
  const text =
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+\n\nFiles: x\nLicense: Expat or LGPL-2.1\n text\n';
  expect(parseDebianCopyright(text)).toBe('GPL-2.0-or-later AND (MIT OR LGPL-2.1-only)');
  expect(parseDebianCopyright('This package was made by hand.')).toBeUndefined();
});
