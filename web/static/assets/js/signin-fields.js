// The fields of the forms for signing in, for password managers too.

import { t } from "./texts.js";

/** @import { FormField } from "./form.js" */

/** @returns {FormField} */
export const emailField = () => ({ name: "email", label: t.signIn.email, type: "email", autocomplete: "username" });

/** @returns {FormField} */
export const nameField = () => ({ name: "name", label: t.signIn.name, autocomplete: "name" });

/** @returns {FormField} */
export const passwordField = () => ({ name: "password", label: t.signIn.password, type: "password", autocomplete: "current-password" });

/** @returns {FormField} */
export const newPasswordField = (name = "password") => ({
  name,
  label: t.signIn.newPassword,
  type: "password",
  autocomplete: "new-password",
  hint: t.signIn.passwordHint,
});
