/** What was said about an image: signatures, SBOMs, attestations. Each is an image of its own, by its digest. */
import { Anchor, Group, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ImageReferrer, TagImage } from '../../hub-api/types.ts';
import { tagPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { DigestText } from './digest.tsx';
import { platformOf } from './platforms.tsx';

interface ReferrersProps {
  readonly namespace: string;
  readonly name: string;
  readonly referrers: readonly ImageReferrer[];
  /** The platforms that some of them are about. */
  readonly images: readonly TagImage[];
}

export function Referrers({ namespace, name, referrers, images }: ReferrersProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (referrers.length === 0) return null;
  const platforms = new Map(
    images.length > 1 ? images.map((image) => [image.digest, platformOf(image)]) : [],
  );
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('image.referrers')}
      </Title>
      <ul className="rows card" aria-label={t('image.referrers')}>
        {referrers.map((each) => (
          <li key={each.digest} className="row row-small">
            <Group justify="space-between" gap="xs">
              <div>
                <Anchor component={Link} to={tagPath(namespace, name, each.digest)} fw={600} fz="sm">
                  {t(`image.kinds.${kindOf(each)}`)}
                </Anchor>
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  <bdi>{each.artifact_type ?? each.media_type}</bdi>
                  {platforms.has(each.subject) && ` · ${platforms.get(each.subject) ?? ''}`}
                </Text>
              </div>
              <Group gap="md" c="dimmed" fz={13}>
                <DigestText digest={each.digest} />
                <span>{format.bytes(each.size)}</span>
              </Group>
            </Group>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** By what their makers call them; nobody has checked what is in them. */
function kindOf({ artifact_type, tag }: ImageReferrer): 'signature' | 'sbom' | 'attestation' | 'other' {
  const type = `${artifact_type ?? ''} ${tag ?? ''}`.toLowerCase();
  if (/simplesigning|signature|\.sig$|notary/.test(type)) return 'signature';
  if (/spdx|cyclonedx|sbom/.test(type)) return 'sbom';
  if (/attestation|in-toto|dsse|\.att$|provenance/.test(type)) return 'attestation';
  return 'other';
}
