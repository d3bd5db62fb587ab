/** The files of a tag's image, directory by directory; what is open is in the address, so that it can be shared. */
import { ActionIcon, Anchor, Breadcrumbs, Group, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { ImageAddress } from '../../hub-api/client.ts';
import type { File } from '../../hub-api/types.ts';
import { FileIcon, modeText } from '../components/file-facts.tsx';
import { FileText } from '../components/file-text.tsx';
import { FilesFailure } from '../components/files-failure.tsx';
import { ImageChoice } from '../components/image-choice.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { TagFrame, type TagPlace } from '../components/tag-frame.tsx';
import { isFailed, useFiles } from '../hub/queries.ts';
import { type FilesView, tagFilesPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

/** More entries than any directory of a usual image has. */
const pageSize = 1000;

export function TagFilesPage() {
  const { t } = useTranslation();
  return <TagFrame title={(name) => t('files.of', { name })}>{(place) => <Files {...place} />}</TagFrame>;
}

function Files({ namespace, name, tag }: TagPlace) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const path = search.get('path') ?? '';
  const file = search.get('file') ?? undefined;
  const image = tag.images.find(({ digest }) => digest === search.get('image')) ?? tag.images[0];
  if (!image) return <Text c="dimmed">{t('tag.noLayers')}</Text>;
  const chosen = search.get('image') ?? undefined;
  const to = (view: FilesView): string => tagFilesPath(namespace, name, tag.name, { image: chosen, ...view });
  const address: ImageAddress = { namespace, name, digest: image.digest };
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('files.title')}
      </Title>
      <ImageChoice
        tag={tag}
        digest={image.digest}
        onChange={(digest) => void navigate(to({ image: digest ?? undefined, path }))}
      />
      <Place path={path} to={to} />
      <Directory image={address} path={path} file={file} to={to} />
    </section>
  );
}

type To = (view: FilesView) => string;

/** Where in the tree one is. */
function Place({ path, to }: { readonly path: string; readonly to: To }) {
  const { t } = useTranslation();
  const parts = path === '' ? [] : path.split('/');
  return (
    <Breadcrumbs className="mono" my="sm" aria-label={t('files.place')} component="nav">
      <Anchor component={Link} to={to({})}>
        {t('files.root')}
      </Anchor>
      {parts.map((part, index) => {
        const above = parts.slice(0, index + 1).join('/');
        return (
          <Anchor key={above} component={Link} to={to({ path: above })}>
            {readable(part)}
          </Anchor>
        );
      })}
    </Breadcrumbs>
  );
}

/** A part of a path as it stands in an address, where other than plain ASCII is encoded. */
function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface DirectoryProps {
  readonly image: ImageAddress;
  readonly path: string;
  readonly file: string | undefined;
  readonly to: To;
}

function Directory({ image, path, file, to }: DirectoryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const files = useFiles(image, { path, page_size: pageSize });
  if (files.isPending) {
    return (
      <>
        <Text c="dimmed" size="sm" mb="sm" role="status">
          {t('files.reading')}
        </Text>
        <ListSkeleton />
      </>
    );
  }
  if (isFailed(files)) return <FilesFailure error={files.error} retry={files.refetch} />;
  const { count, results } = files.data;
  const size = results.reduce((sum, each) => sum + each.size, 0);
  if (count === 0) return <Text c="dimmed">{t('files.empty')}</Text>;
  return (
    <>
      <Text c="dimmed" size="sm" mb="xs">
        {t('files.count', { count, formatted: format.number(count), size: format.bytes(size) })}
      </Text>
      <ul className="rows card" aria-label={t('files.title')}>
        {results.map((each) => (
          <li key={each.path}>
            <Entry image={image} file={each} path={path} isOpen={each.path === file} to={to} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface EntryProps {
  readonly image: ImageAddress;
  readonly file: File;
  readonly path: string;
  readonly isOpen: boolean;
  readonly to: To;
}

function Entry({ image, file, path, isOpen, to }: EntryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <div className="file-row">
        <FileIcon kind={file.kind} />
        <span className="file-name mono">
          <Name file={file} path={path} to={to} />
          {file.kind === 'symlink' && (
            <Text span inherit c="dimmed" title={t('files.leadsTo', { target: file.link_target })}>
              {' → '}
              <bdi>{file.link_target}</bdi>
            </Text>
          )}
        </span>
        <span className="file-mode mono">{modeText(file.mode)}</span>
        <span className="file-owner">
          {file.uid}:{file.gid}
        </span>
        <span className="file-layer">{t('files.layer', { number: file.layer + 1 })}</span>
        <span className="file-size">{format.bytes(file.size)}</span>
      </div>
      {isOpen && (
        <div className="file-open">
          <Group justify="flex-end" p={6}>
            <ActionIcon
              component={Link}
              to={to({ path })}
              variant="subtle"
              color="gray"
              aria-label={t('files.close')}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
          <FileText image={image} path={file.path} />
        </div>
      )}
    </>
  );
}

/** A directory leads into itself, a file opens below its row. `bdi`: a name may hold signs that turn text around. */
function Name({ file, path, to }: { readonly file: File; readonly path: string; readonly to: To }) {
  const view =
    file.kind === 'directory'
      ? { path: file.path }
      : file.kind === 'file'
        ? { path, file: file.path }
        : undefined;
  const name = <bdi>{file.name}</bdi>;
  if (!view) return name;
  return (
    <Link className="file-link" to={to(view)}>
      {name}
    </Link>
  );
}
