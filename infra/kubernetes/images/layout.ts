import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type TarEntry, tarOf } from './tar.ts';

/** Names a blob by its content. https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: `sha256:${string}`;
  /** Bytes. */
  readonly size: number;
}

/** How an image runs. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The image's labels, and its manifest's annotations: those whose names the image specification defines, for example. */
  readonly labels?: Readonly<Record<string, string>>;
  /** "uid:gid"; left out, one that owns nothing. */
  readonly user?: string;
}

export interface NamedImage {
  /** With its tag: `dev.local/coredns:1.12.4`. */
  readonly name: string;
  readonly layers: readonly Descriptor[];
  readonly config: ImageConfig;
}

/** A folder that becomes an OCI image layout. */
export interface Layout {
  /** Adds a layer, which several images may share. */
  layer(entries: readonly TarEntry[]): Promise<Descriptor>;
  /** Adds an image and resolves to its manifest's descriptor, whose digest is the image's. */
  image(image: NamedImage): Promise<Descriptor>;
  /** Writes the index of what was added: only now it is a layout. */
  finish(): Promise<void>;
}

/** The user of "nonroot" images: it has no account and owns nothing. */
const NOBODY = '65532:65532';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
// Not compressed: what zlib makes of the same bytes differs between its versions, and the digest with it.
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/**
 * Makes images in an empty folder, without a container engine: the same input makes the same digests.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function createLayout(folder: string): Promise<Layout> {
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const images: object[] = [];

  async function jsonBlob(mediaType: string, value: object): Promise<Descriptor> {
    const text = JSON.stringify(value);
    const hash = createHash('sha256').update(text).digest('hex');
    await writeFile(join(blobs, hash), text);
    return { mediaType, digest: `sha256:${hash}`, size: Buffer.byteLength(text) };
  }

  return {
    async layer(entries) {
      const draft = join(folder, 'layer');
      const hash = createHash('sha256');
      let size = 0;
      const hashed = async function* () {
        for await (const piece of tarOf(entries)) {
          hash.update(piece);
          size += piece.length;
          yield piece;
        }
      };
      await pipeline(hashed, createWriteStream(draft));
      const digest = hash.digest('hex');
      await rename(draft, join(blobs, digest));
      return { mediaType: LAYER_TYPE, digest: `sha256:${digest}`, size };
    },

    async image({ name, layers, config }) {
      const manifest = await jsonBlob(MANIFEST_TYPE, {
        schemaVersion: 2,
        mediaType: MANIFEST_TYPE,
        config: await jsonBlob(CONFIG_TYPE, configOf(layers, config)),
        layers,
        ...(config.labels && { annotations: config.labels }),
      });
      // The whole name for both: in a layout of several images, the tag alone would say nothing.
      const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name };
      images.push({ ...manifest, annotations });
      return manifest;
    },

    async finish() {
      await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
      const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: images };
      await writeFile(join(folder, 'index.json'), JSON.stringify(index));
    },
  };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md */
function configOf(layers: readonly Descriptor[], { entrypoint, env = {}, labels, user = NOBODY }: ImageConfig) {
  return {
    architecture: architecture(),
    os: 'linux',
    config: {
      User: user,
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...env }).map(([name, value]) => `${name}=${value}`),
      Entrypoint: entrypoint,
      WorkingDir: '/',
      ...(labels && { Labels: labels }),
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  };
}

/** This machine's, as Go calls it: the programs in the images are this machine's too. */
function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
