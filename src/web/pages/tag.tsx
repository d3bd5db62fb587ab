/** One tag: what it names, for each platform, and the layers that it is made of. */
import { Button, Group, Title } from '@mantine/core';
import { IconFiles, IconGitCompare } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Tag, TagImage } from '../../hub-api/types.ts';
import { Command } from '../components/command.tsx';
import { DigestText } from '../components/digest.tsx';
import { ImageChoice } from '../components/image-choice.tsx';
import { Layers } from '../components/layers.tsx';
import { platformOf } from '../components/platforms.tsx';
import { PushedBy } from '../components/pushed-by.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { familiarName } from '../components/repository-list.tsx';
import { TagFrame, type TagPlace } from '../components/tag-frame.tsx';
import { ToolChoice, useTool } from '../components/tool-commands.tsx';
import { tagChangesPath, tagFilesPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

export function TagPage() {
  return (
    <TagFrame title={(reference) => reference}>
      {(place) => (
        <>
          <PullCommand reference={`${familiarName(place.namespace, place.name)}:${place.tag.name}`} />
          <Images {...place} />
        </>
      )}
    </TagFrame>
  );
}

function PullCommand({ reference }: { readonly reference: string }) {
  const { t } = useTranslation();
  const { words, setTool } = useTool();
  return (
    <div className="pull-line">
      <Command text={`${words.tool} pull ${words.prefix}${reference}`} label={t('repository.pullCommand')} />
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
  return (
    <>
      <ImageChoice tag={tag} digest={image?.digest ?? null} onChange={setChosen} />
      <Facts tag={tag} image={image} />
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
    </>
  );
}

function Facts({ tag, image }: { readonly tag: Tag; readonly image: TagImage | undefined }) {
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
  facts.push(
    [t('tag.pushed'), <PushedBy key="pushed" tag={tag} />],
    [
      t('tag.lastPull'),
      tag.tag_last_pulled ? <RelativeTime key="pull" time={tag.tag_last_pulled} /> : t('common.never'),
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
