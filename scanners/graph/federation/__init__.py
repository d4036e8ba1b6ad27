"""Who comes in without a credential of the cloud's own: tokens of other issuers, and the doors that take them.

tokens   what an issuer says of somebody: a workflow of GitHub, a service account, a role, a managed identity
doors    the shape of a door, and what it says of a token
aws      roles that trust an OpenID Connect provider
gcp      workload identity pools, whose identities may act as a service account
azure    federated credentials of applications and of user-assigned identities
"""
