import { CheckoutError } from '../../errors.ts';
import { partsOf } from '../tree/path.ts';
import { shownName } from '../tree/shown.ts';

/**
 * Where an entry of the archive goes, as parts below the one folder that forges put everything in; none for that
 * folder itself. Git keeps no name that is refused here, so whoever made the archive was up to something.
 */
export function createPlaces(): (path: string, isFolder: boolean) => readonly string[] {
  let top: string | undefined;
  return (path, isFolder) => {
    const [first = '', ...below] = partsOf(path, isFolder, 'archive');
    top ??= first;
    if (first !== top || (below.length === 0 && !isFolder)) {
      throw new CheckoutError(
        `The archive holds ${shownName(path)} outside of its folder ${shownName(top)}: no forge makes such archives`,
      );
    }
    return below;
  };
}
