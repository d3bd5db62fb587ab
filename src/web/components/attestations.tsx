/** What was said about an image: where it is from, and which packages are in it. Nobody has checked it. */
import { Button, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type ImageAddress, statementPath } from '../../hub-api/client.ts';
import type { ImageAttestations } from '../../hub-api/types.ts';
import { useAttestations } from '../hub/queries.ts';
import { useFormat } from '../text/format.ts';
import { Command } from './command.tsx';
import { Packages } from './packages.tsx';
import { ProvenanceFacts } from './provenance.tsx';

interface AttestationsProps {
  /** What the tag names: an image, or an index. */
  readonly address: ImageAddress;
  /** The digest of the platform that is shown. */
  readonly image: string;
}

export function Attestations({ address, image }: AttestationsProps) {
  const { t } = useTranslation();
  const { data } = useAttestations(address, { image });
  if (!data) return null;
  const { provenance, sbom } = data;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('attestations.title')}
      </Title>
      {data.statements.length === 0 && <Nothing />}
      <Stack gap="md">
        {provenance && (
          <div className="card panel">
            <Head title={t('attestations.provenance')} href={statementPath(address, provenance.digest)} />
            <ProvenanceFacts provenance={provenance} />
          </div>
        )}
        {sbom && (
          <div className="card panel">
            <Head title={t('attestations.sbom')} href={statementPath(address, sbom.digest)} />
            <Packages address={address} image={image} sbom={sbom} />
          </div>
        )}
        <Others address={address} attestations={data} />
      </Stack>
    </section>
  );
}

function Nothing() {
  const { t } = useTranslation();
  return (
    <div className="card panel">
      <Text size="sm" c="dimmed" mb="sm">
        {t('attestations.none')}
      </Text>
      <Command text="cais build --sbom --push -t NAME ." label={t('attestations.buildCommand')} />
    </div>
  );
}

function Head({ title, href }: { readonly title: string; readonly href: string }) {
  const { t } = useTranslation();
  return (
    <div className="attestation-head">
      <Title order={3} size="h5">
        {title}
      </Title>
      <Button
        component="a"
        href={href}
        download
        variant="default"
        size="xs"
        leftSection={<IconDownload size={15} aria-hidden />}
        aria-label={t('attestations.downloadOf', { what: title })}
      >
        {t('attestations.download')}
      </Button>
    </div>
  );
}

/** What is not told above: of another kind, older, or more than can be shown. */
function Others({
  address,
  attestations: { provenance, sbom, statements },
}: {
  readonly address: ImageAddress;
  readonly attestations: ImageAttestations;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const rest = statements.filter(({ digest }) => digest !== provenance?.digest && digest !== sbom?.digest);
  if (rest.length === 0) return null;
  return (
    <ul className="rows card" aria-label={t('attestations.others')}>
      {rest.map(({ digest, predicate_type: type, size }) => (
        <li key={digest} className="row row-small attestation-head">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{type}</bdi>
          </Text>
          <a className="repository-link" href={statementPath(address, digest)} download>
            {t('attestations.download')} ({format.bytes(size)})
          </a>
        </li>
      ))}
    </ul>
  );
}
