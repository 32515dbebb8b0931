/**
 * Hands items to so many workers at once, in their order. The first failure ends it: `stop` is called, what is under
 * way is waited for, and the failure is thrown.
 */
export async function crew<T>(
  items: AsyncGenerator<T>,
  size: number,
  work: (item: T) => Promise<void>,
  stop: () => void,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const one = async (): Promise<void> => {
    try {
      for (;;) {
        const { value, done } = await items.next();
        if (done || failure) return;
        await work(value);
      }
    } catch (error) {
      // What fails after the first was most often stopped by it.
      failure ??= { error };
      stop();
    }
  };
  await Promise.all(Array.from({ length: size }, one));
  if (failure) throw failure.error;
}
