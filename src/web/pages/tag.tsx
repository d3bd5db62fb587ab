/** One tag: what it names, for each platform, and the layers that it is made of. */
import { Button, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconFiles, IconGitCompare } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ImageDetail, TagImage } from '../../hub-api/types.ts';
import { Attestations } from '../components/attestations.tsx';
import { Command } from '../components/command.tsx';
import { DigestText } from '../components/digest.tsx';
import { ImageConfiguration } from '../components/image-config.tsx';
import { ImageChoice } from '../components/image-choice.tsx';
import { Layers } from '../components/layers.tsx';
import { platformOf } from '../components/platforms.tsx';
import { PushedBy } from '../components/pushed-by.tsx';
import { Referrers } from '../components/referrers.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { familiarName } from '../components/repository-list.tsx';
import { TagFrame, type TagPlace } from '../components/tag-frame.tsx';
import { ToolChoice, useTool } from '../components/tool-commands.tsx';
import { useImage } from '../hub/queries.ts';
import { isDigest, type ShownImage } from '../hub/shown-image.ts';
import { tagChangesPath, tagFilesPath, tagPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

export function TagPage() {
  return (
    <TagFrame title={(reference) => reference}>
      {(place) => (
        <>
          <PullCommands {...place} />
          <Images {...place} />
        </>
      )}
    </TagFrame>
  );
}

/** By its tag, and by the digest that stays the same image whatever the tag comes to name. */
function PullCommands({ namespace, name, tag }: TagPlace) {
  const { t } = useTranslation();
  const { words, setTool } = useTool();
  const pull = `${words.tool} pull ${words.prefix}${familiarName(namespace, name)}`;
  return (
    <div className="pull-line">
      <Stack gap="xs">
        {!isDigest(tag.name) && <Command text={`${pull}:${tag.name}`} label={t('repository.pullCommand')} />}
        <Command text={`${pull}@${tag.digest}`} label={t('image.pullByDigest')} />
      </Stack>
      <div>
        <ToolChoice tool={words.tool} onChange={setTool} />
      </div>
    </div>
  );
}

function Images({ namespace, name, tag }: TagPlace) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const image = tag.images.find(({ digest }) => digest === chosen) ?? tag.images[0];
  const view = { image: chosen ?? undefined };
  const detail = useImage({ namespace, name, digest: tag.digest });
  return (
    <>
      <ImageChoice tag={tag} digest={image?.digest ?? null} onChange={setChosen} />
      <Facts tag={tag} image={image} detail={detail.data} />
      <OtherTags namespace={namespace} name={name} tag={tag.name} tags={detail.data?.tags ?? []} />
      <section>
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4">
            {t('tag.layers')}
          </Title>
          <Group gap="xs">
            <Button
              component={Link}
              to={tagFilesPath(namespace, name, tag.name, view)}
              variant="default"
              size="xs"
              leftSection={<IconFiles size={15} aria-hidden />}
            >
              {t('tag.files')}
            </Button>
            <Button
              component={Link}
              to={tagChangesPath(namespace, name, tag.name, view)}
              variant="default"
              size="xs"
              leftSection={<IconGitCompare size={15} aria-hidden />}
            >
              {t('files.changes')}
            </Button>
          </Group>
        </Group>
        <Layers
          layers={image?.layers ?? []}
          changesOf={(layer) => tagChangesPath(namespace, name, tag.name, { ...view, layer })}
        />
      </section>
      <ImageConfiguration config={image?.config} />
      {image && <Attestations address={{ namespace, name, digest: tag.digest }} image={image.digest} />}
      <Referrers
        namespace={namespace}
        name={name}
        referrers={detail.data?.referrers ?? []}
        images={tag.images}
      />
    </>
  );
}

interface OtherTagsProps {
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  /** All that name the image. */
  readonly tags: readonly string[];
}

const maxOtherTags = 12;

function OtherTags({ namespace, name, tag, tags }: OtherTagsProps) {
  const { t } = useTranslation();
  const others = tags.filter((each) => each !== tag);
  if (others.length === 0) return null;
  return (
    <Group gap="xs" fz="sm">
      <Text span inherit c="dimmed">
        {isDigest(tag) ? t('image.tags') : t('image.otherTags')}
      </Text>
      {others.slice(0, maxOtherTags).map((each) => (
        <Link key={each} className="repository-link mono" to={tagPath(namespace, name, each)}>
          <bdi>{each}</bdi>
        </Link>
      ))}
      {others.length > maxOtherTags && <span>…</span>}
    </Group>
  );
}

interface FactsProps {
  readonly tag: ShownImage;
  readonly image: TagImage | undefined;
  readonly detail: ImageDetail | undefined;
}

function Facts({ tag, image, detail }: FactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: [string, ReactNode][] = [[t('tag.digest'), <DigestText key="digest" digest={tag.digest} />]];
  if (image?.config_digest) {
    facts.push([t('tag.configDigest'), <DigestText key="config" digest={image.config_digest} />]);
  }
  if (image) {
    facts.push([t('tag.platform'), platformOf(image)], [t('tag.size'), format.bytes(image.size)]);
  }
  if (tag.images.length > 1) facts.push([t('tag.totalSize'), format.bytes(tag.full_size)]);
  if (detail) facts.push([t('image.unique'), <Unique key="unique" tag={tag.name} detail={detail} />]);
  facts.push(
    [t('tag.pushed'), <PushedBy key="pushed" tag={tag} />],
    [
      t('tag.lastPull'),
      tag.last_pulled ? <RelativeTime key="pull" time={tag.last_pulled} /> : t('common.never'),
    ],
  );
  return (
    <dl className="card panel facts facts-wide">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Group gap={0}>{value}</Group>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What deleting it would free. Under another tag the image would stay. */
function Unique({ tag, detail }: { readonly tag: string; readonly detail: ImageDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const isShared = !isDigest(tag) && detail.tags.length > 1;
  return (
    <Tooltip label={isShared ? t('image.uniqueShared') : t('image.uniqueHint')} multiline w={280} withArrow>
      {/* Reached by keyboard, too. */}
      <span className="explained" tabIndex={0}>
        {format.bytes(isShared ? 0 : detail.unique_size)}
      </span>
    </Tooltip>
  );
}
