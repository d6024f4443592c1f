"""Accounts: django-allauth, with an adapter, forms and pages of our own."""
