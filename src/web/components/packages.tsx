/** The packages in an image: how many of each kind, searched and in pages. */
import { Button, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ImageAddress } from '../../hub-api/client.ts';
import type { ImageAttestations, SbomPackage } from '../../hub-api/types.ts';
import { usePackages } from '../hub/queries.ts';
import { useFormat } from '../text/format.ts';
import { ListFilter, useFiltering } from './list-filter.tsx';
import { Pager } from './pager.tsx';
import { RelativeTime } from './relative-time.tsx';

const pageSize = 20;

interface PackagesProps {
  readonly address: ImageAddress;
  readonly image: string;
  readonly sbom: NonNullable<ImageAttestations['sbom']>;
}

export function Packages({ address, image, sbom }: PackagesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const count = { count: sbom.count, formatted: format.number(sbom.count) };
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {t('attestations.packageCount', count)} · <bdi>{sbom.format}</bdi>
        {sbom.tool !== '' && (
          <>
            {' · '}
            <bdi>{sbom.tool}</bdi>
          </>
        )}
        {sbom.created !== null && (
          <>
            {' · '}
            <RelativeTime time={sbom.created} />
          </>
        )}
      </Text>
      {sbom.count === 0 ? (
        <Text size="sm">{t('attestations.nothingInstalled')}</Text>
      ) : (
        <PackageList address={address} image={image} sbom={sbom} />
      )}
    </>
  );
}

function PackageList({ address, image, sbom }: PackagesProps) {
  const { t } = useTranslation();
  const filtering = useFiltering();
  const [kind, setKind] = useState('');
  const { term, page, setPage } = filtering;
  const { data } = usePackages(address, { image, query: term, kind, page, page_size: pageSize });
  return (
    <>
      <Group gap="xs" mb="sm">
        <ListFilter label={t('attestations.search')} filtering={filtering} />
        <Kinds
          sbom={sbom}
          chosen={kind}
          onChoose={(chosen) => {
            setKind(chosen);
            setPage(1);
          }}
        />
      </Group>
      {data && data.count === 0 && (
        <Text size="sm" c="dimmed" role="status">
          {t('attestations.noPackages')}
        </Text>
      )}
      {data && data.count > 0 && <Rows packages={data.results} />}
      <Pager count={data?.count ?? 0} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

interface KindsProps {
  readonly sbom: PackagesProps['sbom'];
  readonly chosen: string;
  readonly onChoose: (kind: string) => void;
}

/** A kind chosen again is chosen no more. */
function Kinds({ sbom, chosen, onChoose }: KindsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Group gap={6} role="group" aria-label={t('attestations.kinds')}>
      {sbom.kinds.map(({ kind, count }) => (
        <Button
          key={kind}
          size="compact-sm"
          variant={kind === chosen ? 'filled' : 'default'}
          aria-pressed={kind === chosen}
          onClick={() => onChoose(kind === chosen ? '' : kind)}
        >
          {kind} {format.number(count)}
        </Button>
      ))}
    </Group>
  );
}

function Rows({ packages }: { readonly packages: readonly SbomPackage[] }) {
  const { t } = useTranslation();
  return (
    // Reached by keyboard where it is wider than the window.
    <div className="package-rows" role="region" aria-label={t('attestations.packages')} tabIndex={0}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {(['name', 'version', 'kind', 'licence'] as const).map((column) => (
              <Table.Th key={column} scope="col">
                {t(`attestations.columns.${column}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {packages.map(({ purl, name, version, kind, licence }, index) => (
            <Table.Tr key={`${index}.${purl}`} title={purl}>
              <Table.Td>
                <bdi>{name}</bdi>
              </Table.Td>
              <Table.Td>
                <bdi className="mono">{version}</bdi>
              </Table.Td>
              <Table.Td>{kind}</Table.Td>
              <Table.Td>
                <bdi>{licence.startsWith('LicenseRef-') ? t('attestations.ownLicence') : licence}</bdi>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
