import { stringify } from 'yaml';
import type { MadeImage } from './projectImages.ts';

/** What the project's images are called in the manifests, before an overlay's settings put its repository there. */
const REPOSITORY = 'evolution-todo';

const HEADER = `# Pins images by their digests, written by "npm run images". An overlay names it before ../../components/settings, which
# puts the repository into the same field.
`;

/** A Kustomize component by which an overlay runs exactly these images, wherever their tags lead to later. */
export function pinnedComponent(images: readonly MadeImage[]): string {
  const component = {
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    images: images.map(({ image, digest }) => ({ name: `${REPOSITORY}/${image.name}`, digest })),
  };
  return HEADER + stringify(component, { lineWidth: 0 });
}
