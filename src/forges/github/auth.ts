/** Says who we are, request by request, for a token may change while a deploy runs. */
export interface Auth {
  token(signal: AbortSignal): Promise<string>;
  /** After a 401: whether another try, maybe with another token, makes sense. May wait before it says so. */
  recover(refused: string, signal: AbortSignal): Promise<boolean>;
  /** Permissions that GitHub confirmed when it handed out the token. */
  granted(): Readonly<Record<string, string>> | undefined;
}

export const tokenAuth = (token: string): Auth => ({
  token: async () => token,
  recover: async () => false,
  granted: () => undefined,
});
