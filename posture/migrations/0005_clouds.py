from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posture", "0003_effective_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="way",
            field=models.JSONField(
                default=dict, help_text="of other clouds than AWS: what is stored of the way in, never a key"
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="ref",
            field=models.CharField(
                help_text="the cloud's own id: 12 digits for AWS, a project's id for GCP", max_length=255
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="trusted",
            field=models.JSONField(
                default=list,
                help_text="accounts outside this one (for GCP: domains) that belong to us or are trusted",
            ),
        ),
    ]
