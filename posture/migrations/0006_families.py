from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posture", "0005_clouds"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="way",
            field=models.JSONField(
                default=dict, help_text="of other clouds than AWS: what is stored of the way in, never a key"
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="management",
            field=models.CharField(
                blank=True,
                help_text="id of the account that manages it, or of the directory it belongs to",
                max_length=64,
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="member_role",
            field=models.CharField(
                blank=True, help_text="name, with its path, of the role in every other account", max_length=512
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="ref",
            field=models.CharField(
                help_text="the cloud's own id: o-abcdefghij, organizations/1, folders/1, a management group's",
                max_length=200,
            ),
        ),
    ]
