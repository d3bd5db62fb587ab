/** The shape of HostConfig.Mounts in a request; what its words mean is parse-mount.ts's. */
import { z } from 'zod';

const text = z.string().nullish();
const flag = z.boolean().nullish();
const whole = z.number().refine(Number.isInteger, 'Invalid input: expected a whole number').nullish();
const strings = z.record(z.string(), z.string()).nullish();

export const mountsSchema = z
  .array(
    z.looseObject({
      Type: text,
      Source: text,
      Target: text,
      ReadOnly: flag,
      Consistency: text,
      BindOptions: z
        .looseObject({
          Propagation: text,
          NonRecursive: flag,
          CreateMountpoint: flag,
          ReadOnlyNonRecursive: flag,
          ReadOnlyForceRecursive: flag,
        })
        .nullish(),
      VolumeOptions: z
        .looseObject({
          NoCopy: flag,
          Labels: strings,
          DriverConfig: z.looseObject({ Name: text, Options: strings }).nullish(),
          Subpath: text,
        })
        .nullish(),
      ImageOptions: z.looseObject({ Subpath: text }).nullish(),
      TmpfsOptions: z
        .looseObject({ SizeBytes: whole, Mode: whole, Options: z.array(z.array(z.string())).nullish() })
        .nullish(),
    }),
  )
  .nullish();
