/**
 * Where the blobs of a test's hub are: files, or objects of the bucket that `CAIS_TEST_BUCKET` names, with the settings that
 * `--blobs` reads of the environment: for each hub a prefix of its own.
 */
let hubs = 0;

/** A hub's settings that are not as they come. */
export function blobsSettings(): Readonly<Record<string, string>> {
  const {
    CAIS_TEST_BUCKET: bucket,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_ENDPOINT_URL,
  } = process.env;
  if (!bucket || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY || !AWS_ENDPOINT_URL) return {};
  hubs += 1;
  return {
    CAIS_HUB_BLOBS: `s3://${bucket}/${process.pid}-${hubs}?downloads=stream`,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_ENDPOINT_URL,
  };
}
